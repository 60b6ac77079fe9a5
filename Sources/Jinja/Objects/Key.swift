/// A value as the key of a mapping; equal numbers of different types are one key.
indirect enum Key: Hashable {
  case none
  case number(Int)
  case big(String)
  case float(Double)
  case text(Text)
  case tuple([Key])
  case identity(ObjectIdentifier)
  case undefined

  /// The most values that a key may consist of: tuples may hold one another many times over.
  private static let parts = 10_000

  init(_ object: Object) throws(JinjaError) {
    var left = Self.parts
    try self.init(object, &left)
  }

  private init(_ object: Object, _ left: inout Int) throws(JinjaError) {
    left -= 1
    guard left >= 0 else { throw JinjaError(.limit, "a key of more than \(Self.parts) values") }
    switch object {
    case .list, .dict: throw JinjaError(.type, "unhashable type: '\(object.typeName)'")
    case .tuple(let list):
      var keys: [Key] = []
      for item in list.items { keys.append(try Key(item, &left)) }
      self = .tuple(keys)
    default: self.init(known: object)
    }
  }

  /// The key of a value that is known to be hashable.
  init(known object: Object) {
    switch object {
    case .none: self = .none
    case .undefined: self = .undefined
    case .bool(let value): self = .number(value ? 1 : 0)
    case .int(let value): self = .number(value)
    case .big(let value): self = .big(value.digits)
    case .float(let value): self = Int(exactly: value).map(Key.number) ?? .float(value)
    case .string(let text): self = .text(text)
    case .tuple(let list): self = .tuple(list.items.map(Key.init(known:)))
    case .list(let list): self = .identity(ObjectIdentifier(list))
    case .dict(let dict): self = .identity(ObjectIdentifier(dict))
    case .iterable(let iterable): self = .identity(ObjectIdentifier(iterable))
    case .host(let host): self = .identity(ObjectIdentifier(host))
    }
  }
}
