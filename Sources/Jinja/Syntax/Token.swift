/// One word of a template.
struct Token: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// Text that is copied to the output.
    case data([UInt8])
    case blockBegin, blockEnd
    case variableBegin, variableEnd
    case name(String)
    case string([UInt8])
    case integer(Int)
    /// Decimal digits that spell more than 64 bits.
    case bigInteger(String)
    case float(Double)
    case symbol(Symbol)
    case end
  }

  /// Operators and punctuation by their spelling.
  enum Symbol: String, Sendable {
    case plus = "+"
    case minus = "-"
    case times = "*"
    case divide = "/"
    case floorDivide = "//"
    case modulo = "%"
    case power = "**"
    case tilde = "~"
    case leftBracket = "["
    case rightBracket = "]"
    case leftParenthesis = "("
    case rightParenthesis = ")"
    case leftBrace = "{"
    case rightBrace = "}"
    case equal = "=="
    case notEqual = "!="
    case greater = ">"
    case greaterOrEqual = ">="
    case less = "<"
    case lessOrEqual = "<="
    case assign = "="
    case dot = "."
    case colon = ":"
    case pipe = "|"
    case comma = ","
    case semicolon = ";"
  }

  let kind: Kind
  /// The byte offset in the normalised source.
  let offset: Int
}

extension Token: CustomStringConvertible {
  var description: String {
    switch kind {
    case .data: "text"
    case .blockBegin: "'{%'"
    case .blockEnd: "end of statement block"
    case .variableBegin: "'{{'"
    case .variableEnd: "end of print statement"
    case .name(let name): "'\(name)'"
    case .string(let bytes): "string '\(String(decoding: bytes.prefix(40), as: UTF8.self))'"
    case .integer(let value): "'\(value)'"
    case .bigInteger(let digits): "'\(digits)'"
    case .float(let value): "'\(value)'"
    case .symbol(let symbol): "'\(symbol.rawValue)'"
    case .end: "end of template"
    }
  }
}
