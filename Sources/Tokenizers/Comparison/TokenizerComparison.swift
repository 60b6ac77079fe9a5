import Tokens

/// A comparison of two tokenizers on the same lines of text.
public struct TokenizerComparison: Sendable, Equatable {
  /// The figures of one tokenizer.
  public struct Side: Sendable, Equatable {
    /// The name of the tokenizer.
    public var name: String
    /// The number of pieces in its vocabulary.
    public var vocabularySize: Int
    /// Tokens of all lines.
    public var tokens = 0
    /// Tokens of the lines of each script.
    public var tokensByScript: [String: Int] = [:]
    /// Lines that could not be encoded.
    public var refusals = 0
    /// Lines whose tokens do not decode to the line.
    public var roundTripFailures = 0
    /// The number, from 0, of the first such line; nil if there is none.
    public var firstFailure: Int?
    /// The text that this line decodes to.
    public var firstFailureText: String?
    /// The mean number of bytes of a token; 0 without tokens.
    public var bytesPerToken = 0.0
    /// Bytes encoded per second of the given clock; 0 if it did not advance.
    public var bytesPerSecond = 0.0
  }

  /// The size of all lines in bytes.
  public var bytes = 0
  /// Bytes of the lines of each script; a line counts as the script of most of its letters, or as "other" without any.
  public var bytesByScript: [String: Int] = [:]
  /// The figures of the first tokenizer.
  public var left: Side
  /// The figures of the second tokenizer.
  public var right: Side
  /// Lines that both tokenizers encode to the same ids.
  public var sameLines = 0
  /// The number of lines.
  public var lines = 0

  /// Encodes and decodes every line with both; `seconds` is a clock that only moves forwards.
  ///
  /// - Throws: `TokenizerError.stopped` when nobody wants the result any more.
  public init(
    _ left: any Tokenizer, _ right: any Tokenizer, lines: [String], seconds: () -> Double = { 0 }
  ) throws(TokenizerError) {
    self.left = Side(name: left.name, vocabularySize: left.vocabularySize)
    self.right = Side(name: right.name, vocabularySize: right.vocabularySize)
    var times = (left: 0.0, right: 0.0)
    let meter = WorkMeter()
    for (number, line) in lines.enumerated() {
      try meter.spend(line.utf8.count)
      let script = ScriptName.of(line)
      self.lines += 1
      bytes += line.utf8.count
      bytesByScript[script, default: 0] += line.utf8.count
      let one = Self.measure(left, line, number, script, &self.left, &times.left, seconds)
      let other = Self.measure(right, line, number, script, &self.right, &times.right, seconds)
      if let one, one == other { sameLines += 1 }
    }
    self.left.finish(bytes, times.left)
    self.right.finish(bytes, times.right)
  }

  private static func measure(
    _ tokenizer: any Tokenizer, _ line: String, _ number: Int, _ script: String, _ side: inout Side,
    _ time: inout Double, _ seconds: () -> Double
  ) -> [TokenID]? {
    let start = seconds()
    let tokens = try? tokenizer.encode(line)
    time += max(0, seconds() - start)
    guard let tokens else {
      side.refusals += 1
      return nil
    }
    let ids = tokens.map(\.id)
    side.tokens += ids.count
    side.tokensByScript[script, default: 0] += ids.count
    let decoded = tokenizer.decode(ids, skipSpecial: false)
    if !decoded.elementsEqual(line.utf8) {
      side.roundTripFailures += 1
      if side.firstFailure == nil {
        side.firstFailure = number
        side.firstFailureText = String(decoding: decoded, as: UTF8.self)
      }
    }
    return ids
  }
}

extension TokenizerComparison.Side {
  fileprivate mutating func finish(_ bytes: Int, _ seconds: Double) {
    bytesPerToken = tokens > 0 ? Double(bytes) / Double(tokens) : 0
    bytesPerSecond = seconds > 0 ? Double(bytes) / seconds : 0
  }
}

/// The main script of a line, judged by Unicode blocks.
enum ScriptName {
  private static let blocks: [(name: String, range: ClosedRange<UInt32>)] = [
    ("Latin", 0x41...0x24F), ("Greek", 0x370...0x3FF), ("Cyrillic", 0x400...0x52F), ("Hebrew", 0x590...0x5FF),
    ("Arabic", 0x600...0x77F), ("Devanagari", 0x900...0x97F), ("Thai", 0xE00...0xE7F),
    ("Latin", 0x1E00...0x1EFF), ("Greek", 0x1F00...0x1FFF), ("Kana", 0x3040...0x30FF),
    ("Han", 0x3400...0x4DBF),
    ("Han", 0x4E00...0x9FFF), ("Hangul", 0xAC00...0xD7AF), ("Kana", 0xFF66...0xFF9F),
    ("Han", 0x20000...0x3FFFF),
  ]

  /// The script of most letters of `line`, of equally frequent ones the alphabetically first; "other" without letters.
  static func of(_ line: String) -> String {
    var counts: [String: Int] = [:]
    for scalar in line.unicodeScalars where scalar.properties.isAlphabetic {
      if let block = blocks.first(where: { $0.range.contains(scalar.value) }) {
        counts[block.name, default: 0] += 1
      }
    }
    return counts.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? "other"
  }
}
