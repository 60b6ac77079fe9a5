/// The tests by name (`x is name`): all of jinja2's.
///
/// Semantics: https://jinja.palletsprojects.com/en/stable/templates/#list-of-builtin-tests
enum Checks {
  typealias Function = @Sendable (Interpreter, Object, Arguments) throws(JinjaError) -> Bool

  static let table: [String: Function] = kinds.merging(relations) { first, _ in first }

  /// What a value is.
  private static let kinds: [String: Function] = [
    "defined": { (_, value, _) throws(JinjaError) in if case .undefined = value { false } else { true } },
    "undefined": { (_, value, _) throws(JinjaError) in if case .undefined = value { true } else { false } },
    "none": { (_, value, _) throws(JinjaError) in if case .none = value { true } else { false } },
    "boolean": { (_, value, _) throws(JinjaError) in if case .bool = value { true } else { false } },
    "true": { (_, value, _) throws(JinjaError) in if case .bool(true) = value { true } else { false } },
    "false": { (_, value, _) throws(JinjaError) in if case .bool(false) = value { true } else { false } },
    "integer": { (_, value, _) throws(JinjaError) in
      switch value {
      case .int, .big: true
      default: false
      }
    },
    "float": { (_, value, _) throws(JinjaError) in if case .float = value { true } else { false } },
    "number": { (_, value, _) throws(JinjaError) in value.number != nil },
    "string": { (_, value, _) throws(JinjaError) in if case .string = value { true } else { false } },
    "mapping": { (_, value, _) throws(JinjaError) in if case .dict = value { true } else { false } },
    "sequence": { (_, value, _) throws(JinjaError) in
      switch value {
      case .string, .list, .tuple, .dict, .undefined: true
      case .iterable(let iterable): iterable.kind == .range
      default: false
      }
    },
    "iterable": { (_, value, _) throws(JinjaError) in
      switch value {
      case .string, .list, .tuple, .dict, .iterable, .undefined: true
      case .host(let host): host is LoopObject
      default: false
      }
    },
    "callable": { (_, value, _) throws(JinjaError) in
      switch value {
      case .undefined: true
      case .host(let host): host.isCallable
      default: false
      }
    },
    "escaped": { (_, value, _) throws(JinjaError) in
      if case .string(let text) = value { text.isMarkup } else { false }
    },
    "lower": { (run, value, _) throws(JinjaError) in
      try run.call(StringMethod.islower, on: try run.soft(value), Arguments()).isTrue
    },
    "upper": { (run, value, _) throws(JinjaError) in
      try run.call(StringMethod.isupper, on: try run.soft(value), Arguments()).isTrue
    },
    "odd": { (run, value, _) throws(JinjaError) in try remainder(run, value, .int(2)) == 1 },
    "even": { (run, value, _) throws(JinjaError) in try remainder(run, value, .int(2)) == 0 },
    "divisibleby": { (run, value, arguments) throws(JinjaError) in
      let divisor = try arguments.bind("divisibleby", ["num"], required: 1)[0] ?? .none
      return try remainder(run, value, divisor) == 0
    },
    "filter": { (run, value, _) throws(JinjaError) in Filters.table[try run.soft(value).string] != nil },
    "test": { (run, value, _) throws(JinjaError) in isName(try run.soft(value).string) },
  ]

  private static func isName(_ name: String) -> Bool { table[name] != nil }

  /// How a value relates to another.
  private static let relations: [String: Function] = {
    let operators: [(Comparison.Operator, [String])] = [
      (.equal, ["eq", "equalto", "=="]), (.notEqual, ["ne", "!="]), (.less, ["lt", "lessthan", "<"]),
      (.lessOrEqual, ["le", "<="]), (.greater, ["gt", "greaterthan", ">"]), (.greaterOrEqual, ["ge", ">="]),
      (.isIn, ["in"]),
    ]
    var table: [String: Function] = ["sameas": same]
    for (op, names) in operators {
      for name in names {
        table[name] = relation(op, name)
      }
    }
    return table
  }()

  private static func relation(_ op: Comparison.Operator, _ name: String) -> Function {
    { (run, value, arguments) throws(JinjaError) in
      try run.compare(op, value, try arguments.bind(name, ["other"], required: 1)[0] ?? .none)
    }
  }

  private static func remainder(_ run: Interpreter, _ value: Object, _ divisor: Object) throws(JinjaError)
    -> Double?
  {
    if case .big(let number) = value, case .int(2) = divisor { return number.isEven ? 0 : 1 }
    return try run.binary(.modulo, value, divisor).number
  }

  /// Python's `is`: one object, or equal small constants.
  private static func same(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Bool {
    switch (value, try arguments.bind("sameas", ["other"], required: 1)[0] ?? .none) {
    case (.none, .none): true
    case (.undefined(let a), .undefined(let b)): a === b
    case (.bool(let a), .bool(let b)): a == b
    case (.int(let a), .int(let b)): a == b
    case (.big(let a), .big(let b)): a === b
    case (.string(let a), .string(let b)): a == b
    case (.list(let a), .list(let b)), (.tuple(let a), .tuple(let b)): a === b
    case (.dict(let a), .dict(let b)): a === b
    case (.host(let a), .host(let b)): a === b
    case (.iterable(let a), .iterable(let b)): a === b
    default: false
    }
  }
}
