/// `1`, `none`.
final class ConstantNode: Node {
  let constant: Constant

  init(_ object: Object) { constant = Constant(object: object) }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object { constant.object }
}

/// `'text'`.
final class TextNode: Node {
  let constant: ConstantText

  init(_ bytes: [UInt8]) { constant = ConstantText(bytes) }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object { .string(constant.text) }

  func append(_ run: Interpreter) throws(JinjaError) -> Object? {
    run.output.append(constant)
    return nil
  }
}

/// A name that nothing in the template assigns.
final class GlobalNode: Node {
  let place: Int

  init(_ place: Int) { self.place = place }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object { run.global(place) }
}

/// A name that the current function assigns.
final class LocalNode: Node {
  let slot: Int
  /// Where to look while the slot is empty.
  let otherwise: any Node

  init(_ slot: Int, otherwise: any Node) {
    self.slot = slot
    self.otherwise = otherwise
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    if let value = run.variables[slot] { return value }
    return try otherwise.evaluate(run)
  }

  func mapping(_ run: Interpreter) -> DictObject? {
    if case .dict(let dict)? = run.variables[slot] { dict } else { nil }
  }
}

/// A name that a function around the current one assigns.
final class OuterNode: Node {
  let hops: Int
  let slot: Int
  let otherwise: any Node

  init(hops: Int, slot: Int, otherwise: any Node) {
    self.hops = hops
    self.slot = slot
    self.otherwise = otherwise
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    var holder = run.frame
    for _ in 0..<hops { holder = holder.parent ?? holder }
    if let value = holder.variables[slot] { return value }
    return try otherwise.evaluate(run)
  }
}

/// `[a, b]`.
final class ListNode: Node {
  let items: [any Node]

  init(_ items: [any Node]) { self.items = items }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    try run.adopt(.list(try run.evaluate(items)))
  }
}

/// `(a, b)`.
final class TupleNode: Node {
  let items: [any Node]

  init(_ items: [any Node]) { self.items = items }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    try run.adopt(.tuple(try run.evaluate(items)))
  }
}

/// `{k: v}`.
final class DictNode: Node {
  let items: [(key: any Node, value: any Node)]
  let at: Int

  init(_ items: [(key: any Node, value: any Node)], at: Int) {
    self.items = items
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let dict = DictObject()
    for item in items {
      let key = try item.key.evaluate(run)
      let value = try item.value.evaluate(run)
      run.position = at
      try dict.set(key, value)
    }
    return try run.adopt(.dict(dict))
  }
}

/// `a['name']`, and `a.name` if a mapping has no method of that name: mostly strings of the context, which are compared
/// and written without becoming values.
final class KeyNode: Node {
  let base: any Node
  let name: AttributeName
  private let key: ConstantText
  let isAttribute: Bool
  let at: Int

  init(_ base: any Node, _ name: AttributeName, isAttribute: Bool, at: Int) {
    self.base = base
    self.name = name
    key = name.constant
    self.isAttribute = isAttribute
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    if let dict = base.mapping(run), let found = dict.get(key) { return found }
    return try find(in: try base.evaluate(run), run)
  }

  private func find(in value: Object, _ run: Interpreter) throws(JinjaError) -> Object {
    run.position = at
    if case .dict(let dict) = value, let found = dict.get(key) { return found }
    return try isAttribute ? run.attribute(of: value, name) : run.item(of: value, named: name)
  }

  func equals(_ wanted: ConstantText, _ run: Interpreter) throws(JinjaError) -> Bool {
    if let answer = base.mapping(run)?.equals(key, wanted) { return answer }
    let holder = try base.evaluate(run)
    if case .dict(let dict) = holder, let answer = dict.equals(key, wanted) { return answer }
    if case .string(let text) = try find(in: holder, run) { return text.equals(wanted) }
    return false
  }

  func append(_ run: Interpreter) throws(JinjaError) -> Object? {
    if let dict = base.mapping(run), dict.append(key, to: &run.output) { return nil }
    let holder = try base.evaluate(run)
    if case .dict(let dict) = holder, dict.append(key, to: &run.output) { return nil }
    let found = try find(in: holder, run)
    guard case .string(let text) = found, !text.isMarkup else { return found }
    run.output.append(text)
    return nil
  }
}

/// `a.name`.
final class AttributeNode: Node {
  let base: any Node
  let name: AttributeName
  let at: Int

  init(_ base: any Node, _ name: AttributeName, at: Int) {
    self.base = base
    self.name = name
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let value = try base.evaluate(run)
    run.position = at
    return try run.attribute(of: value, name)
  }
}

/// `a[b]`.
final class ItemNode: Node {
  let base: any Node
  let key: any Node
  let at: Int

  init(_ base: any Node, _ key: any Node, at: Int) {
    self.base = base
    self.key = key
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let value = try base.evaluate(run)
    let key = try key.evaluate(run)
    run.position = at
    return try run.item(of: value, key)
  }
}

/// `a[start:stop:step]`.
final class SliceNode: Node {
  let base: any Node
  let start: (any Node)?
  let stop: (any Node)?
  let step: (any Node)?
  let at: Int

  init(_ base: any Node, start: (any Node)?, stop: (any Node)?, step: (any Node)?, at: Int) {
    self.base = base
    self.start = start
    self.stop = stop
    self.step = step
    self.at = at
  }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    let value = try base.evaluate(run)
    let slice = Slice(start: try bound(start, run), stop: try bound(stop, run), step: try bound(step, run))
    run.position = at
    return try run.adopt(try run.slice(value, slice))
  }

  /// A slice bound: a whole number, or nil for none.
  private func bound(_ node: (any Node)?, _ run: Interpreter) throws(JinjaError) -> Int? {
    guard let value = try node?.evaluate(run) else { return nil }
    if case .none = value { return nil }
    if case .undefined(let missing) = value { throw missing.error }
    guard let index = value.integer else {
      throw JinjaError(.type, "slice indices must be integers or None")
    }
    return index
  }
}

/// Refuses to go deeper when the stack is used up; stands around every few levels of a deep expression.
final class GuardNode: Node {
  let inner: any Node

  init(_ inner: any Node) { self.inner = inner }

  func evaluate(_ run: Interpreter) throws(JinjaError) -> Object {
    try run.checkStack()
    return try inner.evaluate(run)
  }
}
