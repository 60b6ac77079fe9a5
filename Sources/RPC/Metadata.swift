/// Keys and values beside the messages of a call: an ordered list in which a key may occur more than once.
///
/// Keys are lower case; a key that ends in `-bin` has a binary value, every other key printable ASCII.
public struct Metadata: Sendable, Equatable {
  /// One value.
  public enum Value: Sendable, Equatable {
    /// Printable ASCII.
    case text(String)
    /// Any bytes.
    case binary([UInt8])
  }

  /// One key with one value.
  public struct Entry: Sendable, Equatable {
    /// The key, in lower case.
    public var key: String
    /// Its value.
    public var value: Value

    /// An entry; the key is converted to lower case.
    public init(key: String, value: Value) {
      self.key = key.lowercased()
      self.value = value
    }
  }

  /// All entries in the order in which they were added or received.
  public private(set) var entries: [Entry]

  /// An empty list.
  public init() {
    entries = []
  }

  /// Appends a text value.
  public mutating func append(_ key: String, _ value: String) {
    entries.append(Entry(key: key, value: .text(value)))
  }

  /// Appends a binary value; the key must end in `-bin` to be sent.
  public mutating func append(_ key: String, binary value: [UInt8]) {
    entries.append(Entry(key: key, value: .binary(value)))
  }

  /// Removes every value of a key.
  public mutating func remove(_ key: String) {
    let key = key.lowercased()
    entries.removeAll { $0.key == key }
  }

  /// The first text value of a key; setting replaces all values of the key.
  public subscript(_ key: String) -> String? {
    get {
      let key = key.lowercased()
      for entry in entries where entry.key == key {
        if case .text(let text) = entry.value { return text }
      }
      return nil
    }
    set {
      remove(key)
      if let newValue { append(key, newValue) }
    }
  }

  /// Every value of a key, in order.
  public func values(_ key: String) -> [Value] {
    let key = key.lowercased()
    return entries.filter { $0.key == key }.map(\.value)
  }

  /// The first binary value of a key.
  public func binary(_ key: String) -> [UInt8]? {
    for case .binary(let bytes) in values(key) { return bytes }
    return nil
  }

  /// Whether there is no entry.
  public var isEmpty: Bool { entries.isEmpty }
}

extension Metadata: ExpressibleByDictionaryLiteral {
  /// Values by key, in the order written: `["name": "text", "data-bin": .binary(bytes)]`.
  public init(dictionaryLiteral elements: (String, Value)...) {
    entries = elements.map { Entry(key: $0.0, value: $0.1) }
  }
}

extension Metadata.Value: ExpressibleByStringLiteral {
  /// A text value.
  public init(stringLiteral value: String) { self = .text(value) }
}
