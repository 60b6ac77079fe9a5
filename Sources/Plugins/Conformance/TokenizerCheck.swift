import Tokenizers
import Tokens

/// The checks of a tokenizer.
struct TokenizerCheck {
  private let source: PluginTokenizerSource

  init(_ source: PluginTokenizerSource) {
    self.source = source
  }

  /// The checks, in order.
  var steps: [Conformance.Step] {
    typealias Step = Conformance.Step
    return [
      Step(.vocabulary) { () throws(ConformanceFailure) in try vocabulary() },
      Step(.roundTrip) { () throws(ConformanceFailure) in try roundTrip() },
      Step(.control) { () throws(ConformanceFailure) in try control() },
      Step(.cost) { () throws(ConformanceFailure) in try cost() },
    ]
  }

  private func load() throws(ConformanceFailure) -> any Tokenizer {
    try ConformanceFailure.wrapping("reading the vocabulary") { () throws(PluginFault) in try source.load() }
  }

  /// The tokens around a text are control tokens: a text that people wrote must not become one.
  private func vocabulary() throws(ConformanceFailure) -> UInt64? {
    let tokenizer = try load()
    for (role, token) in [("bos", tokenizer.beginningOfSequence), ("eos", tokenizer.endOfSequence)] {
      guard let token, tokenizer.kind(of: token) != .control else { continue }
      throw ConformanceFailure(
        "names token \(token.rawValue) as its \(role), but decode does not give it the kind WB_CONTROL")
    }
    return nil
  }

  private func encode(
    _ tokenizer: any Tokenizer, _ bytes: [UInt8], _ name: String, special: SpecialParsing = .none
  ) throws(ConformanceFailure) -> [Token] {
    do throws(TokenizerError) {
      return try tokenizer.encode(bytes, special: special)
    } catch {
      if case .invalid(_, _, let reason) = error { throw ConformanceFailure("\(reason) (encoding \(name))") }
      throw ConformanceFailure("\(error) (encoding \(name))")
    }
  }

  private func roundTrip() throws(ConformanceFailure) -> UInt64? {
    let tokenizer = try load()
    for (name, text) in Corpus.all {
      let bytes = Array(text.utf8)
      let tokens = try encode(tokenizer, bytes, name)
      guard try encode(tokenizer, bytes, name) == tokens else {
        throw ConformanceFailure("encodes the same text differently each time (\(name))")
      }
      let back = tokenizer.decode(tokens.map(\.id))
      guard back == bytes else {
        let same = zip(back, bytes).prefix { $0 == $1 }.count
        throw ConformanceFailure(
          "changes \(name) by encoding and decoding: \(bytes.count) bytes became \(back.count), from byte \(same) on"
        )
      }
      try checkRanges(tokens, bytes.count, name)
    }
    // Not text: any tokens are fine, as long as it does not fail.
    _ = try encode(tokenizer, [0x61, 0xFF, 0xC3, 0x28, 0x00, 0xED, 0xA0, 0x80], "bytes that are not UTF-8")
    _ = try encode(tokenizer, [], "an empty text")
    return nil
  }

  /// Every byte must belong to a token: that is how a token is traced back to the text.
  private func checkRanges(
    _ tokens: [Token], _ textBytes: Int, _ name: String
  ) throws(ConformanceFailure) {
    var end = 0
    for range in tokens.map(\.range) + [textBytes..<textBytes] {
      guard range.lowerBound <= end else {
        throw ConformanceFailure(
          "gives bytes \(end) to \(range.lowerBound - 1) to no token (encoding \(name))")
      }
      end = range.upperBound
    }
  }

  /// The spelling of a control token becomes that token in trusted text, wherever it stands, and not elsewhere.
  private func control() throws(ConformanceFailure) -> UInt64? {
    let tokenizer = try load()
    let controls = (0..<tokenizer.vocabularySize).map { TokenID($0) }
      .filter { tokenizer.kind(of: $0) == .control && !tokenizer.bytes(of: $0).isEmpty }
    for token in controls.prefix(Limits.conformanceControls) {
      let spelling = tokenizer.bytes(of: token)
      let name = "the spelling of control token \(token.rawValue)"
      if let twin = controls.first(where: { $0 != token && tokenizer.bytes(of: $0) == spelling }) {
        throw ConformanceFailure("spells the control tokens \(token.rawValue) and \(twin.rawValue) alike")
      }
      // Twice, between other text, so that the second is behind the first trusted part.
      let text = Array("a".utf8) + spelling + Array("b".utf8) + spelling
      let first = 1..<1 + spelling.count
      let second = text.count - spelling.count..<text.count
      for (trusted, expected) in [([first, second], [first, second]), ([second], [second]), ([], [])] {
        try expect(token, at: expected, trusted, tokenizer, text, name)
      }
      if spelling.count > 1 {
        let parts = [first.lowerBound + 1..<first.upperBound, second.lowerBound..<second.upperBound - 1]
        try expect(token, at: [], parts, tokenizer, text, name)
      }
      try expect(token, at: [0..<spelling.count], [0..<spelling.count], tokenizer, spelling, name)
    }
    return nil
  }

  private func expect(
    _ token: TokenID, at expected: [Range<Int>], _ trusted: [Range<Int>], _ tokenizer: any Tokenizer,
    _ text: [UInt8], _ name: String
  ) throws(ConformanceFailure) {
    let part = trusted.isEmpty ? "in text that is not trusted" : "trusted in bytes \(Self.words(trusted))"
    let tokens = try encode(
      tokenizer, text, "\(name) \(part)", special: trusted.isEmpty ? .none : .within(trusted))
    let found = tokens.filter { $0.id == token }.map(\.range)
    guard found != expected else { return }
    throw ConformanceFailure(
      "makes control token \(token.rawValue) from bytes \(Self.words(found)); "
        + "its spelling is trusted in bytes \(Self.words(expected))")
  }

  /// Ranges as people write them, with the first and the last byte: "1 to 6 and 8 to 13".
  private static func words(_ ranges: [Range<Int>]) -> String {
    ranges.isEmpty
      ? "none" : ranges.map { "\($0.lowerBound) to \($0.upperBound - 1)" }.joined(separator: " and ")
  }

  private func cost() throws(ConformanceFailure) -> UInt64? {
    let tokenizer = try load()
    let text = Array(Corpus.all.map(\.text).joined(separator: "\n").utf8)
    let median = try Conformance.median(of: 5, source.health) { () throws(ConformanceFailure) in
      _ = try encode(tokenizer, text, "the whole corpus")
    }
    guard median <= Limits.conformanceEncodeNanoseconds else {
      throw ConformanceFailure(
        "takes \(milliseconds(median)) ms of processor time for \(text.count) bytes; "
          + "the limit is \(milliseconds(Limits.conformanceEncodeNanoseconds)) ms")
    }
    return median
  }
}
