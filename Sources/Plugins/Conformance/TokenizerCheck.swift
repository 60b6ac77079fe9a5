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
      Step(.vocabulary) { () throws(ConformanceFailure) in
        _ = try load()
        return nil
      },
      Step(.roundTrip) { () throws(ConformanceFailure) in try roundTrip() },
      Step(.control) { () throws(ConformanceFailure) in try control() },
      Step(.cost) { () throws(ConformanceFailure) in try cost() },
    ]
  }

  private func load() throws(ConformanceFailure) -> any Tokenizer {
    try ConformanceFailure.wrapping("reading the vocabulary") { () throws(PluginFault) in try source.load() }
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
    }
    // Not text: any tokens are fine, as long as it does not fail.
    _ = try encode(tokenizer, [0x61, 0xFF, 0xC3, 0x28, 0x00, 0xED, 0xA0, 0x80], "bytes that are not UTF-8")
    _ = try encode(tokenizer, [], "an empty text")
    return nil
  }

  /// Control tokens are not made from untrusted text.
  private func control() throws(ConformanceFailure) -> UInt64? {
    let tokenizer = try load()
    var tried = 0
    for index in 0..<tokenizer.vocabularySize where tokenizer.kind(of: TokenID(index)) == .control {
      let spelling = tokenizer.bytes(of: TokenID(index))
      guard !spelling.isEmpty, tried < 64 else { continue }
      tried += 1
      _ = try encode(tokenizer, spelling, "the spelling of control token \(index) in untrusted text")
      _ = try encode(tokenizer, spelling, "the spelling of control token \(index)", special: .all)
    }
    return nil
  }

  private func cost() throws(ConformanceFailure) -> UInt64? {
    let tokenizer = try load()
    let text = Array(Corpus.all.map(\.text).joined(separator: "\n").utf8)
    let median = try Conformance.median(of: 5, source.health) { () throws(ConformanceFailure) in
      _ = try encode(tokenizer, text, "the whole corpus")
    }
    guard median <= Limits.conformanceEncodeNanoseconds else {
      throw ConformanceFailure(
        "takes \(milliseconds(median)) ms for \(text.count) bytes; "
          + "the limit is \(milliseconds(Limits.conformanceEncodeNanoseconds)) ms")
    }
    return median
  }
}
