import Glibc

/// The functions that every template can call.
///
/// A context variable of the same name hides one.
enum Globals {
  static let table: [String: @Sendable () -> HostObject] = [
    "raise_exception": { Function("raise_exception", raise) },
    "namespace": { Function("namespace", namespace) },
    "dict": { Function("dict", dict) },
    "range": { Function("range", range) },
    "strftime_now": { Function("strftime_now", strftimeNow) },
    "joiner": { Function("joiner", joiner) },
    "cycler": { Function("cycler", cycler) },
  ]

  private static func raise(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    let message = try arguments.bind("raise_exception", ["message"], required: 1)[0] ?? .none
    throw JinjaError(.raised, try interpreter.str(message).string)
  }

  /// The mapping that `dict(…)` and `namespace(…)` take.
  private static func fields(
    _ name: String, _ interpreter: Interpreter, _ arguments: Arguments
  ) throws(JinjaError) -> DictObject {
    guard arguments.positional.count <= 1 else {
      throw JinjaError(.type, "\(name) expected at most 1 argument, got \(arguments.positional.count)")
    }
    let dict = DictObject()
    if case .dict(let source)? = arguments.positional.first {
      for (key, value) in zip(source.keys, source.values) { try dict.set(key, value) }
    } else if let source = arguments.positional.first {
      for pair in try interpreter.iterate(source) {
        let items = try interpreter.iterate(pair)
        guard items.count == 2 else { throw JinjaError(.value, "\(name)() needs pairs of key and value") }
        try dict.set(items[0], items[1])
      }
    }
    for (key, value) in arguments.named { try dict.set(.text(key), value) }
    return dict
  }

  private static func dict(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    .dict(try fields("dict", interpreter, arguments))
  }

  private static func namespace(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError)
    -> Object
  {
    let namespace = Namespace(try fields("namespace", interpreter, arguments))
    interpreter.hold(namespace)
    return .host(namespace)
  }

  private static func range(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object {
    guard arguments.named.isEmpty, (1...3).contains(arguments.positional.count) else {
      throw JinjaError(.type, "range expected 1 to 3 arguments")
    }
    var numbers: [Int] = []
    for argument in arguments.positional {
      if case .undefined(let missing) = argument { throw missing.error }
      guard let number = argument.integer else {
        throw JinjaError(.type, "'\(argument.typeName)' object cannot be interpreted as an integer")
      }
      numbers.append(number)
    }
    let (start, stop) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
    let step = numbers.count == 3 ? numbers[2] : 1
    guard step != 0 else { throw JinjaError(.value, "range() arg 3 must not be zero") }
    var items: [Object] = []
    var value = start
    while step > 0 ? value < stop : value > stop {
      guard items.count < interpreter.limits.rangeItems else {
        throw JinjaError(.limit, "a range of more than \(interpreter.limits.rangeItems) items")
      }
      items.append(.int(value))
      let (next, overflow) = value.addingReportingOverflow(step)
      if overflow { break }
      value = next
    }
    try interpreter.charge(items: items.count)
    let label = "range(\(start), \(stop)" + (step == 1 ? ")" : ", \(step))")
    return .iterable(IterableObject(.range, items, label: label))
  }

  private static func joiner(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object
  {
    let joiner = Joiner(try arguments.bind("joiner", ["sep"])[0] ?? .text(", "))
    guard joiner.depth < interpreter.limits.nesting else {
      throw JinjaError(.limit, "values nested deeper than \(interpreter.limits.nesting) levels")
    }
    return .host(joiner)
  }

  private static func cycler(_ interpreter: Interpreter, _ arguments: Arguments) throws(JinjaError) -> Object
  {
    guard !arguments.positional.isEmpty else {
      throw JinjaError(.type, "at least one item has to be provided")
    }
    let items = ListObject(arguments.positional)
    _ = try interpreter.adopt(.list(items))
    return .host(Cycler(items))
  }

  /// The longest format and result of `strftime_now`, in bytes.
  private static let timeBytes = 4096

  private static func strftimeNow(
    _ interpreter: Interpreter, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let format = try arguments.bind("strftime_now", ["format"], required: 1).text(0)
    guard format.bytes.count <= timeBytes, !format.bytes.contains(0) else {
      throw JinjaError(.value, "strftime_now: the format is too long or holds a NUL")
    }
    var seconds = time_t(interpreter.now)
    var parts = tm()
    guard localtime_r(&seconds, &parts) != nil else { throw JinjaError(.value, "strftime_now: no such time") }
    // Python formats a time that has no zone and does not know about daylight saving.
    parts.tm_isdst = -1
    parts.tm_gmtoff = 0
    parts.tm_zone = nil
    // A character in front tells an empty result from one that does not fit.
    let pattern = [UInt8(ascii: "x")] + pythonOnly(format.bytes) + [0]
    var out = [UInt8](repeating: 0, count: timeBytes)
    let length = out.withUnsafeMutableBytes { out in
      pattern.withUnsafeBytes { pattern in
        guard let to = out.baseAddress, let from = pattern.baseAddress else { return 0 }
        return strftime(
          to.assumingMemoryBound(to: CChar.self), timeBytes, from.assumingMemoryBound(to: CChar.self), &parts)
      }
    }
    guard length > 0 else { throw JinjaError(.value, "strftime_now: the result is too long") }
    return .string(format.derived(Array(String(decoding: out[1..<length], as: UTF8.self).utf8)))
  }

  /// Replaces what Python formats itself: `%f`, where the clock here has whole seconds, and `%z` and `%Z`, which are
  /// empty for a time without a zone.
  private static func pythonOnly(_ format: [UInt8]) -> [UInt8] {
    var out: [UInt8] = []
    var at = 0
    while at < format.count {
      guard format[at] == UInt8(ascii: "%"), at + 1 < format.count else {
        out.append(format[at])
        at += 1
        continue
      }
      switch format[at + 1] {
      case UInt8(ascii: "f"): out += "000000".utf8
      case UInt8(ascii: "z"), UInt8(ascii: "Z"): break
      default: out += format[at...(at + 1)]
      }
      at += 2
    }
    return out
  }
}
