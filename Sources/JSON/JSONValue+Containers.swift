extension JSONValue {
  /// The elements of an array, in order.
  @inlinable public var elements: JSONElements? {
    kind == .array ? JSONElements(document, index + 1, to: Int(node.next)) : nil
  }

  /// The members of an object, in order; a key may come twice.
  @inlinable public var members: JSONMembers? {
    kind == .object ? JSONMembers(document, index + 1, to: Int(node.next)) : nil
  }

  /// Calls `body` with every element of an array, in order; false for other values.
  @inlinable
  public func eachElement<Failure: Error>(
    _ body: (JSONValue) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    let node = node
    guard node.kind == .array else { return false }
    var place = index + 1
    while place < Int(node.next) {
      try body(JSONValue(document: document, index: place))
      place = Int(document.nodes[place].next)
    }
    return true
  }

  /// Calls `body` with every key and its value of an object, in order; false for other values.
  @inlinable
  public func eachMember<Failure: Error>(
    _ body: (_ key: JSONValue, _ value: JSONValue) throws(Failure) -> Void
  ) throws(Failure) -> Bool {
    let node = node
    guard node.kind == .object else { return false }
    var place = index + 1
    while place < Int(node.next) {
      try body(JSONValue(document: document, index: place), JSONValue(document: document, index: place + 1))
      place = Int(document.nodes[place + 1].next)
    }
    return true
  }

  /// The elements of an array of two.
  @inlinable public var elementPair: (JSONValue, JSONValue)? {
    let node = node
    guard node.kind == .array, index + 1 < Int(node.next) else { return nil }
    let second = Int(document.nodes[index + 1].next)
    guard second < Int(node.next), document.nodes[second].next == node.next else { return nil }
    return (JSONValue(document: document, index: index + 1), JSONValue(document: document, index: second))
  }

  /// The value of a key of an object, the last if there are several.
  public subscript(key: String) -> JSONValue? {
    guard let members else { return nil }
    var found: JSONValue?
    var key = key
    key.withUTF8 { key in
      for member in members where member.key.withUTF8({ $0.elementsEqual(key) }) == true {
        found = member.value
      }
    }
    return found
  }
}

/// The elements of an array, in order.
public struct JSONElements: Sequence, IteratorProtocol, Sendable {
  @usableFromInline let document: JSONDocument
  @usableFromInline var place: Int
  @usableFromInline let end: Int

  @usableFromInline
  init(_ document: JSONDocument, _ place: Int, to end: Int) {
    self.document = document
    self.place = place
    self.end = end
  }

  /// The next element.
  @inlinable
  public mutating func next() -> JSONValue? {
    guard place < end else { return nil }
    defer { place = Int(document.nodes[place].next) }
    return JSONValue(document: document, index: place)
  }
}

/// The members of an object, in order.
public struct JSONMembers: Sequence, IteratorProtocol, Sendable {
  @usableFromInline let document: JSONDocument
  @usableFromInline var place: Int
  @usableFromInline let end: Int

  @usableFromInline
  init(_ document: JSONDocument, _ place: Int, to end: Int) {
    self.document = document
    self.place = place
    self.end = end
  }

  /// The next key, which is a string, and its value.
  @inlinable
  public mutating func next() -> (key: JSONValue, value: JSONValue)? {
    guard place < end else { return nil }
    let key = place
    place = Int(document.nodes[key + 1].next)
    return (JSONValue(document: document, index: key), JSONValue(document: document, index: key + 1))
  }
}
