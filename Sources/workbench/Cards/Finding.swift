/// A value of a profile, and the line that it came from.
struct Finding: Sendable, Equatable {
  /// What a value is.
  enum Value: Sendable, Equatable {
    case text(String)
    case texts([String])
    case number(String)
    case flag(Bool)
  }

  /// The key in the profile; `samplers.top_k` for one under samplers.
  var key: String
  var value: Value
  /// The file that has the line.
  var file: String
  /// From 1.
  var line: Int
  /// The line itself.
  var quote: String

  init(_ key: String, _ value: Value, _ file: CardFile, _ line: CardFile.Line) {
    self.init(key, value, file: file.name, line: line.number, quote: line.text)
  }

  init(_ key: String, _ value: Value, file: String, line: Int, quote: String) {
    self.key = key
    self.value = value
    self.file = file
    self.line = line
    self.quote = quote.trimmed
  }
}
