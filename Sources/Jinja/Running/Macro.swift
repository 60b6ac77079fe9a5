/// A macro, or the body of a `{% call %}`, as compiled.
final class MacroCode: Sendable {
  struct Parameter: Sendable {
    let name: String
    let slot: Int
    let fallback: (any Node)?
  }

  let name: String
  let parameters: [Parameter]
  /// The index in `Program.functions`.
  let function: Int
  let body: Body
  let callerSlot: Int?
  let varargsSlot: Int?
  let kwargsSlot: Int?

  init(
    name: String, parameters: [Parameter], function: Int, body: Body, callerSlot: Int?, varargsSlot: Int?,
    kwargsSlot: Int?
  ) {
    self.name = name
    self.parameters = parameters
    self.function = function
    self.body = body
    self.callerSlot = callerSlot
    self.varargsSlot = varargsSlot
    self.kwargsSlot = kwargsSlot
  }
}

/// A macro with the variables around its definition.
final class MacroObject: HostObject {
  private let macro: MacroCode
  private let frame: Interpreter.Frame

  init(_ macro: MacroCode, _ frame: Interpreter.Frame) {
    self.macro = macro
    self.frame = frame
  }

  override var typeName: String { "Macro" }
  var name: String { macro.name }

  override func attribute(_ name: AttributeName) -> Object? {
    switch name.name {
    case "name": .text(macro.name)
    case "arguments": .tuple(macro.parameters.map { .text($0.name) })
    case "catch_kwargs": .bool(macro.kwargsSlot != nil)
    case "catch_varargs": .bool(macro.varargsSlot != nil)
    case "caller": .bool(macro.callerSlot != nil)
    default: nil
    }
  }

  override func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    guard interpreter.calls < interpreter.limits.macroDepth else {
      throw JinjaError(.limit, "macros call each other deeper than \(interpreter.limits.macroDepth) levels")
    }
    interpreter.calls += 1
    let outer = interpreter.frame
    interpreter.frame = Interpreter.Frame(count: interpreter.program.functions[macro.function], parent: frame)
    defer {
      interpreter.frame = outer
      interpreter.calls -= 1
    }
    try bind(arguments, in: interpreter)
    return .string(
      try interpreter.capture(macro.body))
  }

  private func bind(_ arguments: Arguments, in interpreter: Interpreter) throws(JinjaError) {
    var arguments = arguments
    let variables = interpreter.variables
    var unset: [MacroCode.Parameter] = []
    for (place, parameter) in macro.parameters.enumerated() {
      let named = arguments.take(parameter.name)
      if place < arguments.positional.count {
        guard named == nil else {
          throw JinjaError(.type, "macro '\(name)' got multiple values for argument '\(parameter.name)'")
        }
        variables[parameter.slot] = arguments.positional[place]
      } else if let named {
        variables[parameter.slot] = named
      } else {
        unset.append(parameter)
      }
    }
    if let slot = macro.callerSlot {
      variables[slot] = arguments.take("caller") ?? .undefined(Undefined("No caller defined"))
    }
    try bindRest(arguments, interpreter)
    // Defaults may mention the parameters before them.
    for parameter in unset {
      if let fallback = parameter.fallback {
        variables[parameter.slot] = try fallback.evaluate(interpreter)
      } else {
        variables[parameter.slot] = .undefined(
          Undefined("parameter '\(parameter.name)' was not provided"))
      }
    }
  }

  private func bindRest(_ arguments: Arguments, _ interpreter: Interpreter) throws(JinjaError) {
    if let slot = macro.kwargsSlot {
      let rest = DictObject()
      for (name, value) in arguments.named { try rest.set(.text(name), value) }
      interpreter.variables[slot] = try interpreter.adopt(.dict(rest))
    } else if let extra = arguments.named.first {
      throw JinjaError(.type, "macro '\(name)' takes no keyword argument '\(extra.name)'")
    }
    let more = arguments.positional.dropFirst(macro.parameters.count)
    if let slot = macro.varargsSlot {
      interpreter.variables[slot] = try interpreter.adopt(.tuple(Array(more)))
    } else if !more.isEmpty {
      throw JinjaError(.type, "macro '\(name)' takes not more than \(macro.parameters.count) argument(s)")
    }
  }
}
