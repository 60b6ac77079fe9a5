import Tokens

/// What two tokenizers make of the same lines of text.
public struct TokenizerComparison: Sendable, Equatable {
  /// The figures of one tokenizer.
  public struct Side: Sendable, Equatable {
    /// Its name.
    public var name: String
    /// Its number of pieces.
    public var vocabularySize: Int
    /// Tokens of all lines.
    public var tokens = 0
    /// Tokens of the lines of each script.
    public var tokensByScript: [String: Int] = [:]
    /// Lines that could not be encoded.
    public var refusals = 0
    /// Lines that do not decode to themselves.
    public var roundTripFailures = 0
    /// The number, from 0, of the first of them.
    public var firstFailure: Int?
    /// What that line decodes to.
    public var firstFailureText: String?
    /// Bytes that one token stands for, on average; 0 without tokens.
    public var bytesPerToken = 0.0
    /// Bytes encoded in a second of the clock that was given; 0 when it did not move.
    public var bytesPerSecond = 0.0
  }

  /// Bytes of all lines.
  public var bytes = 0
  /// Bytes of the lines of each script: the script of most of a line's letters, "other" without letters.
  public var bytesByScript: [String: Int] = [:]
  /// The first tokenizer.
  public var left: Side
  /// The second tokenizer.
  public var right: Side
  /// Lines that both encode to the same ids.
  public var sameLines = 0
  /// Lines in all.
  public var lines = 0

  /// Encodes and decodes every line with both; `seconds` is a clock that only moves forwards.
  public init(
    _ left: any Tokenizer, _ right: any Tokenizer, lines: [String], seconds: () -> Double = { 0 }
  ) {
    self.left = Side(name: left.name, vocabularySize: left.vocabularySize)
    self.right = Side(name: right.name, vocabularySize: right.vocabularySize)
    var times = (left: 0.0, right: 0.0)
    for (number, line) in lines.enumerated() {
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

/// Names the script that a line is mostly written in, by blocks of Unicode.
enum ScriptName {
  private static let blocks: [(name: String, range: ClosedRange<UInt32>)] = [
    ("Latin", 0x41...0x24F), ("Greek", 0x370...0x3FF), ("Cyrillic", 0x400...0x52F), ("Hebrew", 0x590...0x5FF),
    ("Arabic", 0x600...0x77F), ("Devanagari", 0x900...0x97F), ("Thai", 0xE00...0xE7F),
    ("Latin", 0x1E00...0x1EFF), ("Greek", 0x1F00...0x1FFF), ("Kana", 0x3040...0x30FF),
    ("Han", 0x3400...0x4DBF),
    ("Han", 0x4E00...0x9FFF), ("Hangul", 0xAC00...0xD7AF), ("Kana", 0xFF66...0xFF9F),
    ("Han", 0x20000...0x3FFFF),
  ]

  /// The name; of equally frequent ones the first by alphabet, "other" when there is no letter.
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
