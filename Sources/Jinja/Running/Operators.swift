import Glibc

/// Constants of the operators.
enum Operators {
  static let overflow = JinjaError(.overflow, "the result does not fit 64 bits")
  static let big = JinjaError(
    .overflow, "templates do not calculate with whole numbers beyond 64 bits; they can print and compare them"
  )
  static let zeroDivision = JinjaError(.zeroDivision, "division by zero")
}

extension Interpreter {
  /// The result of a binary operator, by Python's rules.
  func binary(_ op: BinaryOperator, _ left: Object, _ right: Object) throws(JinjaError) -> Object {
    if case .undefined(let missing) = left { throw missing.error }
    if case .list(let list) = left, list.isContent, op == .modulo || right.isString {
      return try binary(op, .string(try text(ofContent: list)), right)
    }
    if case .list(let list) = right, list.isContent, op == .add, left.isString {
      return try binary(op, left, .string(try text(ofContent: list)))
    }
    if case .string(let text) = left, op == .modulo { return try percentFormat(text, right) }
    if case .undefined(let missing) = right { throw missing.error }
    if let first = left.integer, let second = right.integer { return try integers(op, first, second) }
    if let first = try operand(left, beside: right), let second = try operand(right, beside: left) {
      return try floats(op, first, second)
    }
    switch (op, left, right) {
    case (.add, .string(let first), .string(let second)): return try joined(first, second)
    case (.add, .list(let first), .list(let second)):
      try checkCount(first.items.count + second.items.count)
      try charge(items: first.items.count + second.items.count)
      return .list(first.items + second.items)
    case (.add, .tuple(let first), .tuple(let second)):
      try checkCount(first.items.count + second.items.count)
      return .tuple(first.items + second.items)
    case (.multiply, _, _):
      if let result = try repeated(left, right) { return result }
      if let result = try repeated(right, left) { return result }
    default: break
    }
    throw JinjaError(
      .type, "unsupported operand type(s) for \(op.rawValue): '\(left.typeName)' and '\(right.typeName)'")
  }

  /// An operand of an operator that works on doubles.
  private func operand(_ value: Object, beside other: Object) throws(JinjaError) -> Double? {
    guard case .big(let number) = value else { return value.number }
    if case .float = other { return try number.double() }
    if other.number != nil { throw Operators.big }
    return nil
  }

  private func joined(_ first: Text, _ second: Text) throws(JinjaError) -> Object {
    try checkLength(first.size + second.size)
    var builder = TextBuilder()
    builder.reserve(first.size + second.size)
    let isMarkup = first.isMarkup || second.isMarkup
    builder.append(isMarkup && !first.isMarkup ? escaped(first) : first)
    builder.append(isMarkup && !second.isMarkup ? escaped(second) : second)
    return .string(builder.text(isMarkup: isMarkup))
  }

  /// `'ab' * 3` and `[1] * 3`; nil if the types are not those.
  private func repeated(_ value: Object, _ times: Object) throws(JinjaError) -> Object? {
    guard let times = times.integer.map({ max($0, 0) }) else { return nil }
    switch value {
    case .string(let text):
      try checkLength(text.bytes.count.multipliedReportingOverflow(by: times))
      return .string(try repeated(text, times))
    case .list(let list): return .list(try repeated(list.items, times))
    case .tuple(let list): return .tuple(try repeated(list.items, times))
    default: return nil
    }
  }

  /// Doubles what is there, so that long results cost what copying costs.
  func repeated(_ text: Text, _ times: Int) throws(JinjaError) -> Text {
    guard text.size > 0, times > 0 else { return text.slice(0..<0) }
    try charge(items: text.marks.count * times)
    try charge(bytes: text.size * times)
    var whole = text
    var count = 1
    while count < times {
      let more = min(count, times - count)
      var builder = TextBuilder()
      builder.reserve(text.size * (count + more))
      builder.append(whole)
      builder.append(whole, 0..<text.size * more)
      whole = builder.text(isMarkup: text.isMarkup)
      count += more
    }
    return whole
  }

  private func repeated(_ items: [Object], _ times: Int) throws(JinjaError) -> [Object] {
    guard !items.isEmpty else { return [] }
    let count = items.count.multipliedReportingOverflow(by: times)
    try checkLength(count)
    try checkCount(count.partialValue)
    var result: [Object] = []
    result.reserveCapacity(count.partialValue)
    for _ in 0..<times { result += items }
    return result
  }

  private func checkLength(_ length: (partialValue: Int, overflow: Bool)) throws(JinjaError) {
    try checkLength(length.overflow ? Int.max : length.partialValue)
  }

  private func integers(_ op: BinaryOperator, _ a: Int, _ b: Int) throws(JinjaError) -> Object {
    let result: (partialValue: Int, overflow: Bool)
    switch op {
    case .add: result = a.addingReportingOverflow(b)
    case .subtract: result = a.subtractingReportingOverflow(b)
    case .multiply: result = a.multipliedReportingOverflow(by: b)
    case .divide:
      guard b != 0 else { throw Operators.zeroDivision }
      return .float(Double(a) / Double(b))
    case .floorDivide:
      guard b != 0 else { throw Operators.zeroDivision }
      let quotient = a.dividedReportingOverflow(by: b)
      guard !quotient.overflow else { throw Operators.overflow }
      let isInexact = a % b != 0
      result = (quotient.partialValue - (isInexact && (a < 0) != (b < 0) ? 1 : 0), false)
    case .modulo:
      guard b != 0 else { throw Operators.zeroDivision }
      let rest = a.remainderReportingOverflow(dividingBy: b).partialValue
      result = (rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest, false)
    case .power:
      guard b >= 0 else { return try floats(.power, Double(a), Double(b)) }
      result = Self.power(a, b)
    }
    if result.overflow { throw Operators.overflow }
    return .int(result.partialValue)
  }

  private static func power(_ base: Int, _ exponent: Int) -> (partialValue: Int, overflow: Bool) {
    if base == 1 || exponent == 0 { return (1, false) }
    if base == 0 { return (0, false) }
    if base == -1 { return (exponent % 2 == 0 ? 1 : -1, false) }
    // Any other base overflows within 64 rounds.
    var result = 1
    for _ in 0..<exponent {
      let (next, overflow) = result.multipliedReportingOverflow(by: base)
      if overflow { return (0, true) }
      result = next
    }
    return (result, false)
  }

  private func floats(_ op: BinaryOperator, _ a: Double, _ b: Double) throws(JinjaError) -> Object {
    switch op {
    case .add: return .float(a + b)
    case .subtract: return .float(a - b)
    case .multiply: return .float(a * b)
    case .divide:
      guard b != 0 else { throw Operators.zeroDivision }
      return .float(a / b)
    case .floorDivide:
      guard b != 0 else { throw Operators.zeroDivision }
      let rest = Self.modulo(a, b)
      let quotient = (a - rest) / b
      guard quotient != 0 else { return .float(a / b < 0 ? -0.0 : 0.0) }
      let floor = quotient.rounded(.down)
      return .float(quotient - floor > 0.5 ? floor + 1 : floor)
    case .modulo:
      guard b != 0 else { throw Operators.zeroDivision }
      return .float(Self.modulo(a, b))
    case .power:
      if a == 0, b < 0 { throw Operators.zeroDivision }
      if a < 0, b.isFinite, b != b.rounded() {
        throw JinjaError(.unsupported, "the result is a complex number")
      }
      let result = pow(a, b)
      if result.isInfinite, a.isFinite, b.isFinite { throw JinjaError(.overflow, "the result is too large") }
      return .float(result)
    }
  }

  /// The remainder with the sign of the divisor.
  private static func modulo(_ a: Double, _ b: Double) -> Double {
    let rest = fmod(a, b)
    if rest == 0 { return b < 0 ? -0.0 : 0.0 }
    return (rest < 0) != (b < 0) ? rest + b : rest
  }

  // MARK: Comparisons

  func compare(_ op: Comparison.Operator, _ left: Object, _ right: Object) throws(JinjaError) -> Bool {
    switch op {
    case .equal: try equal(left, right)
    case .notEqual: !(try equal(left, right))
    case .less: try isLess(left, right, "<")
    case .lessOrEqual: try isLessOrEqual(left, right, "<=")
    case .greater: try isLess(right, left, ">")
    case .greaterOrEqual: try isLessOrEqual(right, left, ">=")
    case .isIn: try contains(right, left)
    case .isNotIn: !(try contains(right, left))
    }
  }

  /// Python's `==`.
  func equal(_ left: Object, _ right: Object) throws(JinjaError) -> Bool {
    switch (left, right) {
    case (.string(let a), .string(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.big(let a), .big(let b)): return a.digits == b.digits
    case (.big, .int), (.int, .big): return false
    case (.none, .none), (.undefined, .undefined): return true
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
      return a === b ? true : try equal(a.items, b.items)
    case (.dict(let a), .dict(let b)):
      guard a !== b else { return true }
      guard a.count == b.count else { return false }
      for (key, value) in zip(a.keys, a.values) {
        try tick()
        guard let other = try b.get(key), try equal(value, other) else { return false }
      }
      return true
    case (.iterable(let a), .iterable(let b)):
      if a.kind == .range, b.kind == .range { return try equal(a.peeked, b.peeked) }
      return a === b
    case (.host(let a), .host(let b)): return a === b
    default:
      guard let a = left.number, let b = right.number else { return false }
      return a == b
    }
  }

  private func equal(_ left: [Object], _ right: [Object]) throws(JinjaError) -> Bool {
    guard left.count == right.count else { return false }
    for (a, b) in zip(left, right) {
      try tick()
      guard try equal(a, b) else { return false }
    }
    return true
  }

  private func unordered(_ left: Object, _ right: Object, _ sign: String) -> JinjaError {
    let (a, b) = sign.hasPrefix(">") ? (right, left) : (left, right)
    return JinjaError(
      .type, "'\(sign)' not supported between instances of '\(a.typeName)' and '\(b.typeName)'")
  }

  /// Python's `<`; `sign` is what the template says.
  func isLess(_ left: Object, _ right: Object, _ sign: String = "<") throws(JinjaError) -> Bool {
    if case .undefined(let missing) = left { throw missing.error }
    if case .undefined(let missing) = right { throw missing.error }
    switch (left, right) {
    case (.int(let a), .int(let b)): return a < b
    case (.big(let a), .big(let b)): return a.isLess(than: b)
    case (.big(let a), .int), (.big(let a), .bool): return a.isNegative
    case (.int, .big(let b)), (.bool, .big(let b)): return !b.isNegative
    case (.string(let a), .string(let b)): return a < b
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)):
      for (x, y) in zip(a.items, b.items) {
        try tick()
        if try !equal(x, y) { return try isLess(x, y, sign) }
      }
      return a.items.count < b.items.count
    default:
      guard let a = left.number, let b = right.number else { throw unordered(left, right, sign) }
      return a < b
    }
  }

  private func isLessOrEqual(_ left: Object, _ right: Object, _ sign: String) throws(JinjaError) -> Bool {
    if left.number?.isNaN == true || right.number?.isNaN == true { return false }
    return !(try isLess(right, left, sign.hasPrefix(">") ? "<=" : ">="))
  }

  /// Python's `item in collection`.
  func contains(_ collection: Object, _ item: Object) throws(JinjaError) -> Bool {
    switch collection {
    case .string(let text):
      guard case .string(let part) = item else {
        if case .undefined(let missing) = item { throw missing.error }
        throw JinjaError(.type, "'in <string>' requires string as left operand, not \(item.typeName)")
      }
      try charge(bytes: text.size)
      return UTF8Bytes.contains(part, in: text)
    case .dict(let dict): return try dict.get(item) != nil
    case .list(let list) where list.isContent && item.isString:
      if try contains(list.items, item) { return true }
      return try contains(.string(try text(ofContent: list)), item)
    case .host(let host as Namespace): return try host.contains(item)
    case .int, .big, .float, .bool, .none, .host:
      throw JinjaError(.type, "argument of type '\(collection.typeName)' is not iterable")
    default: return try contains(try iterate(collection), item)
    }
  }

  func contains(_ items: [Object], _ item: Object) throws(JinjaError) -> Bool {
    for candidate in items {
      try tick()
      if try equal(candidate, item) { return true }
    }
    return false
  }

  // MARK: Iteration

  /// The items of something iterable; uses up a generator.
  func iterate(_ value: Object) throws(JinjaError) -> [Object] {
    switch value {
    case .list(let list), .tuple(let list): return list.items
    case .dict(let dict): return dict.keys
    case .iterable(let iterable): return iterable.take()
    case .undefined: return []
    case .string(let text): return try characters(of: text)
    default: throw JinjaError(.type, "'\(value.typeName)' object is not iterable")
    }
  }

  private func characters(of text: Text) throws(JinjaError) -> [Object] {
    try checkCount(text.count)
    try charge(items: text.count)
    var items: [Object] = []
    items.reserveCapacity(text.count)
    var at = 0
    while at < text.bytes.count {
      let end = min(at + UTF8Bytes.width(text.bytes[at]), text.bytes.count)
      items.append(.string(text.slice(at..<end)))
      at = end
    }
    return items
  }
}
