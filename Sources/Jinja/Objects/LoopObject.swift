/// What a template can ask `loop` for.
enum LoopField: String, Sendable {
  case index, index0, revindex, revindex0, first, last, length, depth, depth0, previtem, nextitem, cycle,
    changed
}

/// What `loop` is in the body of a loop.
final class LoopObject: HostObject {
  private let loop: LoopStep
  let items: [Object]
  private let level: Int
  /// The frame around a recursive loop.
  private let parent: Interpreter.Frame?
  private var lastChecked: [Object]?
  var index = 0

  init(_ loop: LoopStep, _ items: [Object], depth: Int, parent: Interpreter.Frame?) {
    self.loop = loop
    self.items = items
    level = depth
    self.parent = parent
  }

  override var typeName: String { "LoopContext" }

  override var depth: Int {
    let deepest = items.reduce(0) { max($0, $1.depth) }
    return deepest + 1
  }

  var label: String { "<LoopContext \(index + 1)/\(items.count)>" }

  override func attribute(_ name: AttributeName) -> Object? {
    guard let field = name.loopField else { return nil }
    switch field {
    case .index: return .int(index + 1)
    case .index0: return .int(index)
    case .revindex: return .int(items.count - index)
    case .revindex0: return .int(items.count - index - 1)
    case .first: return .bool(index == 0)
    case .last: return .bool(index == items.count - 1)
    case .length: return .int(items.count)
    case .depth: return .int(level + 1)
    case .depth0: return .int(level)
    case .previtem:
      return index > 0 ? items[index - 1] : .undefined(Undefined("there is no previous item"))
    case .nextitem:
      return index + 1 < items.count ? items[index + 1] : .undefined(Undefined("there is no next item"))
    case .cycle:
      return .host(
        Function("cycle", depth: depth + 1) { [self] (_, arguments) throws(JinjaError) in try cycle(arguments)
        })
    case .changed:
      return .host(
        Function("changed", depth: depth + 1) { [self] (interpreter, arguments) throws(JinjaError) in
          try changed(interpreter, arguments)
        })
    }
  }

  private func cycle(_ arguments: Arguments) throws(JinjaError) -> Object {
    guard !arguments.positional.isEmpty else { throw JinjaError(.type, "no items for cycling given") }
    return arguments.positional[index % arguments.positional.count]
  }

  private func changed(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    defer { lastChecked = arguments.positional }
    guard let last = lastChecked else { return .bool(true) }
    return .bool(!(try interpreter.equal(.tuple(last), .tuple(arguments.positional))))
  }

  override func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    guard loop.recursive != nil, let parent else {
      throw JinjaError(.type, "The loop must have the 'recursive' marker to be called recursively.")
    }
    let value = try arguments.bind("loop", ["iterable"], required: 1)[0] ?? .none
    guard interpreter.calls < interpreter.limits.macroDepth else {
      throw JinjaError(.limit, "loops call each other deeper than \(interpreter.limits.macroDepth) levels")
    }
    interpreter.calls += 1
    let outer = interpreter.frame
    interpreter.frame = parent
    defer {
      interpreter.frame = outer
      interpreter.calls -= 1
    }
    return .string(
      try interpreter.capture { () throws(JinjaError) in
        try loop.run(interpreter, over: value, depth: level + 1)
      })
  }
}
