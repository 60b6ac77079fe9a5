/// Why a text could not be read as JSON, and where.
public struct JSONError: Error, Sendable, Equatable {
  /// What is wrong.
  public enum Problem: Sendable, Equatable {
    /// The text breaks the grammar; the reason says what was expected.
    case syntax(String)
    /// The text is larger than a limit that the reader was given.
    case limit(Limit, maximum: Int)
  }

  /// A bound of `JSONLimits`, by its name there.
  public enum Limit: String, Sendable, Equatable {
    case bytes, depth, values
  }

  /// What is wrong.
  public let problem: Problem
  /// What the reader was told to call the text: the name of a file or a field.
  public let name: String
  /// The place in the text, in bytes from 0.
  public let offset: Int
  /// The line of the place, from 1.
  public let line: Int
  /// The column of the place in Unicode scalars, from 1.
  public let column: Int

  init(_ problem: Problem, name: String, offset: Int, in text: [UInt8]) {
    self.problem = problem
    self.name = name
    self.offset = offset
    let before = text.prefix(offset)
    let start = before.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
    line = before.count { $0 == UInt8(ascii: "\n") } + 1
    // A byte order mark takes no column.
    let line = before[start...].starts(with: JSONParser.byteOrderMark) ? start + 3 : start
    column = before[line...].count { $0 & 0xC0 != 0x80 } + 1
  }

  /// What is wrong, without the place.
  public var reason: String {
    switch problem {
    case .syntax(let reason): reason
    case .limit(.bytes, let maximum): "the text is longer than \(maximum) bytes"
    case .limit(.depth, let maximum): "arrays and objects are nested more than \(maximum) deep"
    case .limit(.values, let maximum): "there are more than \(maximum) values"
    }
  }
}

extension JSONError: CustomStringConvertible {
  /// One line: the text's name, the place, what is wrong.
  public var description: String { "\(name), line \(line), column \(column): \(reason)" }
}
