/// Syntax tree → program: resolves names to slots, computes what is constant, picks the node for each expression.
struct Compiler {
  let literals: [Program.Literal]
  let references: [Reference]
  /// The slots of each scope.
  let scopes: [[Int]]
  private let stack: StackGuard
  /// How deep the tree of nodes is that was made last.
  private var height = 0

  init(
    literals: [Program.Literal], references: [Reference], scopes: [[Int]], limits: Limits
  ) {
    self.literals = literals
    self.references = references
    self.scopes = scopes
    stack = StackGuard(bytes: limits.stackBytes)
  }

  /// After this many levels a node looks at the stack; their frames fit what the limit leaves.
  private static let guardedLevels = 16

  // MARK: Expressions

  mutating func node(_ expression: Expression) throws(JinjaError) -> any Node {
    if stack.isExceeded { throw JinjaError(.limit, "an expression is nested too deeply") }
    height = 0
    let node = try make(expression)
    height += 1
    return height % Self.guardedLevels == 0 ? GuardNode(node) : node
  }

  /// The children set `height`: each adds itself by `note`.
  private mutating func make(_ expression: Expression) throws(JinjaError) -> any Node {
    switch expression {
    case .literal(let index): constant(index)
    case .name(let index): name(index)
    case .list(let items): ListNode(try nodes(items))
    case .tuple(let items): TupleNode(try nodes(items))
    case .dict(let items, let at): try dict(items, at)
    case .attribute(let base, let name, let at): try attribute(base, name, at)
    case .item(let base, let key, let at): try item(base, key, at)
    case .slice(let base, let bounds, let at): try slice(base, bounds, at)
    case .call(let callee, let arguments, let at): try call(callee, arguments, at)
    case .filter(let input, let use): try filter(input, use)
    case .test(let value, let use): try test(value, use)
    case .sign(let isNegative, let operand, let at): try sign(isNegative, operand, at)
    case .not(let operand): NotNode(try node(operand))
    case .and(let left, let right): try pair(left, right) { AndNode($0, $1) }
    case .or(let left, let right): try pair(left, right) { OrNode($0, $1) }
    case .binary(.add, _, _, _): try sum(expression)
    case .binary(let op, let left, let right, let at):
      try pair(left, right) { BinaryNode(op, $0, $1, at: at) }
    case .concat(let parts, let at): ConcatenationNode(try nodes(parts), at: at)
    case .compare(let left, let rest): try compare(left, rest)
    case .conditional(let test, let then, let otherwise): try conditional(test, then, otherwise)
    }
  }

  private func constant(_ index: Int) -> any Node {
    switch literals[index] {
    case .none: ConstantNode(.none)
    case .bool(let value): ConstantNode(.bool(value))
    case .int(let value): ConstantNode(.int(value))
    case .bigInt(let digits): ConstantNode(Object(digits: digits))
    case .float(let value): ConstantNode(.float(value))
    case .string(let bytes): TextNode(bytes)
    }
  }

  /// The bytes of a string.
  func bytes(_ index: Int) -> [UInt8]? {
    if case .string(let bytes) = literals[index] { bytes } else { nil }
  }

  private func name(_ index: Int) -> any Node {
    let reference = references[index]
    var node: any Node = GlobalNode(reference.global)
    for place in reference.places.reversed() {
      node =
        place.hops == 0
        ? LocalNode(place.slot, otherwise: node)
        : OuterNode(hops: place.hops, slot: place.slot, otherwise: node)
    }
    return node
  }

  /// Compiles several children; the deepest counts.
  mutating func nodes(_ expressions: [Expression]) throws(JinjaError) -> [any Node] {
    var nodes: [any Node] = []
    var deepest = 0
    for expression in expressions {
      nodes.append(try node(expression))
      deepest = max(deepest, height)
    }
    height = deepest
    return nodes
  }

  private mutating func optional(_ expression: Expression?) throws(JinjaError) -> (any Node)? {
    guard let expression else { return nil }
    let outer = height
    let made = try node(expression)
    height = max(outer, height)
    return made
  }

  private mutating func pair(
    _ left: Expression, _ right: Expression, _ make: (any Node, any Node) -> any Node
  ) throws(JinjaError) -> any Node {
    let both = try nodes([left, right])
    return make(both[0], both[1])
  }

  private mutating func dict(_ items: [DictItem], _ at: Int) throws(JinjaError) -> any Node {
    let made = try nodes(items.flatMap { [$0.key, $0.value] })
    return DictNode(items.indices.map { (made[2 * $0], made[2 * $0 + 1]) }, at: at)
  }

  private mutating func attribute(
    _ base: Expression, _ name: AttributeName, _ at: Int
  ) throws(JinjaError) -> any Node {
    let base = try node(base)
    guard name.dictMethod == nil else { return AttributeNode(base, name, at: at) }
    return KeyNode(base, name, isAttribute: true, at: at)
  }

  private mutating func item(_ base: Expression, _ key: Expression, _ at: Int) throws(JinjaError) -> any Node
  {
    if case .literal(let index) = key, let name = bytes(index) {
      return KeyNode(try node(base), AttributeName(Text(name)), isAttribute: false, at: at)
    }
    return try pair(base, key) { ItemNode($0, $1, at: at) }
  }

  private mutating func slice(
    _ base: Expression, _ bounds: SliceBounds, _ at: Int
  ) throws(JinjaError) -> any Node {
    let base = try node(base)
    let start = try optional(bounds.start)
    let stop = try optional(bounds.stop)
    return SliceNode(base, start: start, stop: stop, step: try optional(bounds.step), at: at)
  }

  private mutating func sign(
    _ isNegative: Bool, _ operand: Expression, _ at: Int
  ) throws(JinjaError) -> any Node {
    if case .literal(let index) = operand, case .int(let value) = literals[index], isNegative, value > 0 {
      return ConstantNode(.int(-value))
    }
    return SignNode(isNegative: isNegative, try node(operand), at: at)
  }

  /// `a + b + …`, whose operators the parser nests to the left.
  private mutating func sum(_ expression: Expression) throws(JinjaError) -> any Node {
    var rest: [(value: Expression, at: Int)] = []
    var first = expression
    while case .binary(.add, let left, let right, let at) = first {
      rest.append((right, at))
      first = left
    }
    rest.reverse()
    let made = try nodes([first] + rest.map(\.value))
    return SumNode(made[0], Array(made.dropFirst()), at: rest.map(\.at))
  }

  private mutating func compare(_ left: Expression, _ rest: [Comparison]) throws(JinjaError) -> any Node {
    let made = try nodes([left] + rest.map(\.right))
    if rest.count == 1, [.equal, .notEqual].contains(rest[0].op) {
      let isNegated = rest[0].op == .notEqual
      if let text = made[1] as? TextNode {
        return EqualTextNode(made[0], text.constant, isNegated: isNegated)
      }
      return EqualNode(made[0], made[1], isNegated: isNegated, at: rest[0].at)
    }
    return CompareNode(made[0], rest.indices.map { (rest[$0].op, made[$0 + 1], rest[$0].at) })
  }

  private mutating func conditional(
    _ test: Expression, _ then: Expression, _ otherwise: Expression?
  ) throws(JinjaError) -> any Node {
    let test = try node(test)
    let then = try optional(then)
    return ConditionalNode(test: test, then: then ?? test, otherwise: try optional(otherwise))
  }

  // MARK: Calls

  private mutating func call(
    _ callee: Expression, _ list: ArgumentList, _ at: Int
  ) throws(JinjaError) -> any Node {
    if case .attribute(let base, let name, let place) = callee {
      let base = try node(base)
      return MethodCallNode(base, name, nameAt: place, try arguments(list), at: at)
    }
    let callee = try node(callee)
    return CallNode(callee, try arguments(list), at: at)
  }

  private mutating func filter(_ input: Expression?, _ use: FilterUse) throws(JinjaError) -> any Node {
    let input = try optional(input)
    if let input, use.name == "trim", use.arguments.isEmpty { return TrimNode(input, at: use.at) }
    return FilterNode(input, use, try arguments(use.arguments))
  }

  private mutating func test(_ value: Expression, _ use: TestUse) throws(JinjaError) -> any Node {
    let value = try node(value)
    return TestNode(value, use, try arguments(use.arguments))
  }

  /// Compiles the arguments beside what was compiled last.
  mutating func arguments(_ list: ArgumentList) throws(JinjaError) -> ArgumentNodes {
    var made = ArgumentNodes()
    made.isEmpty = list.isEmpty
    for argument in list.positional {
      if let node = try optional(argument) { made.positional.append(node) }
    }
    for argument in list.named {
      if let node = try optional(argument.value) { made.named.append((argument.name, node)) }
    }
    made.spread = try optional(list.spread)
    made.spreadNamed = try optional(list.spreadNamed)
    return made
  }
}
