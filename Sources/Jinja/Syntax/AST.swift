/// An expression; `at` is the byte offset that an error names.
indirect enum Expression: Sendable {
  /// A constant, by its index in `Program.literals`.
  case literal(Int)
  /// A variable, by its index in `Program.references`.
  case name(Int)
  /// `[a, b]`
  case list([Expression])
  /// `(a, b)`
  case tuple([Expression])
  /// `{k: v}`
  case dict([DictItem], at: Int)
  /// `a.name`
  case attribute(Expression, AttributeName, at: Int)
  /// `a[b]`
  case item(Expression, Expression, at: Int)
  /// `a[start:stop:step]`
  case slice(Expression, SliceBounds, at: Int)
  /// `f(…)`
  case call(Expression, ArgumentList, at: Int)
  /// `a | name(…)`; without `a`, the text of a `{% filter %}` or `{% set %}` block.
  case filter(Expression?, FilterUse)
  /// `a is name …`
  case test(Expression, TestUse)
  /// `-a`, `+a`
  case sign(isNegative: Bool, Expression, at: Int)
  /// `not a`
  case not(Expression)
  /// `a and b`
  case and(Expression, Expression)
  /// `a or b`
  case or(Expression, Expression)
  /// `a + b` and its like
  case binary(BinaryOperator, Expression, Expression, at: Int)
  /// `a ~ b ~ c`
  case concat([Expression], at: Int)
  /// `a < b <= c`
  case compare(Expression, [Comparison])
  /// `a if test else b`
  case conditional(test: Expression, then: Expression, otherwise: Expression?)
}

/// A key and value of a mapping literal.
struct DictItem: Sendable {
  let key: Expression
  let value: Expression
}

/// The parts of a slice that are given.
struct SliceBounds: Sendable {
  let start: Expression?
  let stop: Expression?
  let step: Expression?
}

/// The arguments of a call as written.
struct ArgumentList: Sendable {
  var positional: [Expression] = []
  var named: [(name: String, value: Expression)] = []
  /// The list behind a `*`, whose items follow.
  var spread: Expression?
  /// The mapping behind `**`, whose entries follow by name.
  var spreadNamed: Expression?

  var isEmpty: Bool { positional.isEmpty && named.isEmpty && spread == nil && spreadNamed == nil }
}

/// A filter as used; without a function the name is unknown and using it is an error.
struct FilterUse: Sendable {
  let name: String
  let function: Filters.Function?
  let arguments: ArgumentList
  let at: Int
}

/// A test as used; without a function the name is unknown and using it is an error.
struct TestUse: Sendable {
  let name: String
  let function: Checks.Function?
  let arguments: ArgumentList
  let isNegated: Bool
  let at: Int
}

/// Operators of two numbers, strings or lists.
enum BinaryOperator: String, Sendable {
  case add = "+"
  case subtract = "-"
  case multiply = "*"
  case divide = "/"
  case floorDivide = "//"
  case modulo = "%"
  case power = "**"
}

/// A comparison with the value at its right.
struct Comparison: Sendable {
  enum Operator: String, Sendable {
    case equal = "=="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
    case isIn = "in"
    case isNotIn = "not in"
  }
  let op: Operator
  let right: Expression
  let at: Int
}

/// A statement or a piece of output.
indirect enum Statement: Sendable {
  /// Text of the template, by its index in `Program.literals`.
  case data(Int)
  /// `{{ a }}`
  case output(Expression, at: Int)
  case conditional([Branch], otherwise: [Statement])
  case loop(Loop)
  /// `{% set target = value %}`
  case assign(Target, Expression, at: Int)
  /// `{% set target | filters %}…{% endset %}`
  case capture(Target, filter: Expression?, Block, at: Int)
  case macro(slot: Int, Macro)
  /// `{% call(…) f(…) %}…{% endcall %}`
  case callBlock(Expression, ArgumentList, Macro, at: Int)
  /// `{% filter a | b %}…{% endfilter %}`
  case filter(Expression, Block, at: Int)
  /// `{% with a = 1 %}…{% endwith %}`
  case with([(target: Target, value: Expression)], Block, at: Int)
  /// `{% generation %}…{% endgeneration %}`
  case generation(Block)
  case breakLoop
  case continueLoop
}

/// `{% if test %}` or `{% elif test %}` with what it guards.
struct Branch: Sendable {
  let test: Expression
  let body: [Statement]
  let at: Int
}

/// Statements with variables of their own.
struct Block: Sendable {
  let scope: Int
  let body: [Statement]
}

/// A loop: `{% for target in items if test recursive %}…{% else %}…{% endfor %}`.
struct Loop: Sendable {
  let target: Target
  let items: Expression
  let test: Expression?
  let body: Block
  let otherwise: Block?
  /// Where the body keeps `loop`; nil if it never mentions it.
  let loopSlot: Int?
  /// The function that the body is when it may call itself.
  let recursive: Int?
  let at: Int
}

/// A macro, or the body of a `{% call %}`.
struct Macro: Sendable {
  let name: String
  let parameters: [Parameter]
  /// The index in `Program.functions`.
  let function: Int
  let body: Block
  let callerSlot: Int?
  let varargsSlot: Int?
  let kwargsSlot: Int?
}

/// A parameter of a macro.
struct Parameter: Sendable {
  let name: String
  let slot: Int
  let fallback: Expression?
}

/// What can be assigned to.
indirect enum Target: Sendable {
  case slot(Int)
  case tuple([Target])
  /// `ns.name`
  case namespace(Int, name: String)
}
