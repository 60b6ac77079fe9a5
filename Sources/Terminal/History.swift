/// Lines that were entered, oldest first, at most `Limits.historyEntries`.
public struct History: Sendable, Equatable {
  /// The lines; a line may contain newlines.
  public private(set) var entries: [String]

  /// A history with the last lines of `entries`.
  public init(_ entries: [String] = []) {
    self.entries = Array(entries.suffix(Limits.historyEntries))
  }

  /// Adds a line; false, without adding it, if it is blank or repeats the last one.
  @discardableResult
  public mutating func add(_ line: String) -> Bool {
    guard line.contains(where: { !$0.isWhitespace }), line != entries.last else { return false }
    entries.append(line)
    if entries.count > Limits.historyEntries { entries.removeFirst(entries.count - Limits.historyEntries) }
    return true
  }

  /// A line as it is stored in the file: newlines as `\n`, backslashes doubled.
  static func encode(_ line: String) -> String {
    var result = ""
    for scalar in line.unicodeScalars {
      switch scalar {
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// The inverse of `encode`.
  static func decode(_ text: some StringProtocol) -> String {
    var result = ""
    var escaped = false
    for scalar in text.unicodeScalars {
      if escaped {
        result.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
        escaped = false
      } else if scalar == "\\" {
        escaped = true
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
