/// Data that a template is rendered with: what JSON can say, with the order of keys kept.
public enum Value: Sendable, Equatable {
  /// Python's `None`, JSON's `null`.
  case none
  /// A truth value.
  case bool(Bool)
  /// A whole number.
  case int(Int)
  /// A whole number beyond 64 bits, in decimal digits as they were spelled.
  case bigInt(String)
  /// A floating-point number.
  case double(Double)
  /// Text; without an origin it counts as input under its path in the context.
  case string(String, origin: Origin? = nil)
  /// A list.
  case list([Value])
  /// Content in parts: a list for templates that look into it, and the joined texts of the parts wherever a template
  /// uses it as a string.
  case parts([Value])
  /// A mapping from strings, in order.
  case dict(Fields)

  /// The entries of a mapping, in the order in which their keys first came.
  public struct Fields: Sendable, Equatable {
    /// The keys with their values.
    public private(set) var entries: [(key: String, value: Value)] = []
    /// Places by key, once there are enough keys for hashing to be worth it; keys are compared by bytes.
    private var index: [[UInt8]: Int]?

    /// From this many keys on, look-ups hash.
    private static let indexedFrom = 9

    /// Makes an empty mapping.
    public init() {}

    /// The value of a key; assigning nil is ignored, assigning a value adds it or replaces the old one in place.
    public subscript(key: String) -> Value? {
      get { place(of: key).map { entries[$0].value } }
      set {
        guard let newValue else { return }
        if let place = place(of: key) {
          entries[place].value = newValue
          return
        }
        entries.append((key, newValue))
        if entries.count == Self.indexedFrom {
          let places = entries.enumerated().map { (Array($0.element.key.utf8), $0.offset) }
          index = Dictionary(uniqueKeysWithValues: places)
        } else if entries.count > Self.indexedFrom {
          index?[Array(key.utf8)] = entries.count - 1
        }
      }
    }

    private func place(of key: String) -> Int? {
      if let index { return index[Array(key.utf8)] }
      let count = key.utf8.count
      return entries.firstIndex { $0.key.utf8.count == count && $0.key.utf8.elementsEqual(key.utf8) }
    }

    func place(of key: Text) -> Int? {
      if let index { return index[key.bytes] }
      let bytes = key.bytes
      return entries.firstIndex { $0.key.utf8.count == bytes.count && $0.key.utf8.elementsEqual(bytes) }
    }

    func place(of key: ConstantText) -> Int? {
      if let index { return index[key.text.bytes] }
      for place in entries.indices where key.equals(entries[place].key) { return place }
      return nil
    }

    /// Whether both hold the same keys and values in the same order.
    public static func == (left: Fields, right: Fields) -> Bool {
      left.entries.count == right.entries.count
        && zip(left.entries, right.entries).allSatisfy { $0.key == $1.key && $0.value == $1.value }
    }
  }

  /// The value under a key of a mapping; nil for other values and missing keys.
  public subscript(key: String) -> Value? {
    if case .dict(let fields) = self { fields[key] } else { nil }
  }
}

extension Value.Fields: ExpressibleByDictionaryLiteral {
  /// Makes a mapping from a literal; a repeated key keeps its last value.
  public init(dictionaryLiteral elements: (String, Value)...) {
    for (key, value) in elements { self[key] = value }
  }
}

extension Value: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByFloatLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral,
  ExpressibleByNilLiteral
{
  /// Makes a string.
  public init(stringLiteral value: String) { self = .string(value) }
  /// Makes a whole number.
  public init(integerLiteral value: Int) { self = .int(value) }
  /// Makes a truth value.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// Makes a floating-point number.
  public init(floatLiteral value: Double) { self = .double(value) }
  /// Makes a list.
  public init(arrayLiteral elements: Value...) { self = .list(elements) }
  /// Makes a mapping.
  public init(dictionaryLiteral elements: (String, Value)...) {
    var fields = Fields()
    for (key, value) in elements { fields[key] = value }
    self = .dict(fields)
  }
  /// Makes `none`.
  public init(nilLiteral: ()) { self = .none }
}
