/// A macro with the variables around its definition.
final class MacroObject: HostObject {
  private let macro: Macro
  private let frame: Interpreter.Frame

  init(_ macro: Macro, _ frame: Interpreter.Frame) {
    self.macro = macro
    self.frame = frame
  }

  var typeName: String { "Macro" }
  var name: String { macro.name }

  func attribute(_ name: String) -> Object? {
    switch name {
    case "name": .text(macro.name)
    case "arguments": .tuple(macro.parameters.map { .text($0.name) })
    case "catch_kwargs": .bool(macro.kwargsSlot != nil)
    case "catch_varargs": .bool(macro.varargsSlot != nil)
    case "caller": .bool(macro.callerSlot != nil)
    default: nil
    }
  }

  func call(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
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
      try interpreter.capture { () throws(JinjaError) in _ = try interpreter.run(macro.body.body) })
  }

  private func bind(_ arguments: Arguments, in interpreter: Interpreter) throws(JinjaError) {
    var arguments = arguments
    let frame = interpreter.frame
    var unset: [Parameter] = []
    for (place, parameter) in macro.parameters.enumerated() {
      let named = arguments.take(parameter.name)
      if place < arguments.positional.count {
        guard named == nil else {
          throw JinjaError(.type, "macro '\(name)' got multiple values for argument '\(parameter.name)'")
        }
        frame.slots[parameter.slot] = arguments.positional[place]
      } else if let named {
        frame.slots[parameter.slot] = named
      } else {
        unset.append(parameter)
      }
    }
    if let slot = macro.callerSlot {
      frame.slots[slot] = arguments.take("caller") ?? .undefined(Undefined("No caller defined"))
    }
    try bindRest(arguments, interpreter)
    // Defaults may mention the parameters before them.
    for parameter in unset {
      if let fallback = parameter.fallback {
        frame.slots[parameter.slot] = try interpreter.evaluate(fallback)
      } else {
        frame.slots[parameter.slot] = .undefined(
          Undefined("parameter '\(parameter.name)' was not provided"))
      }
    }
  }

  private func bindRest(_ arguments: Arguments, _ interpreter: Interpreter) throws(JinjaError) {
    if let slot = macro.kwargsSlot {
      let rest = DictObject()
      for (name, value) in arguments.named { try rest.set(.text(name), value) }
      interpreter.frame.slots[slot] = try interpreter.adopt(.dict(rest))
    } else if let extra = arguments.named.first {
      throw JinjaError(.type, "macro '\(name)' takes no keyword argument '\(extra.name)'")
    }
    let more = arguments.positional.dropFirst(macro.parameters.count)
    if let slot = macro.varargsSlot {
      interpreter.frame.slots[slot] = try interpreter.adopt(.tuple(Array(more)))
    } else if !more.isEmpty {
      throw JinjaError(.type, "macro '\(name)' takes not more than \(macro.parameters.count) argument(s)")
    }
  }
}
