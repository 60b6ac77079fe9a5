import Runtime
import Sampling
import Tokenizers
import Tokens

/// The sequence breakers of `dry` as lists of tokens in one vocabulary.
///
/// A text may begin inside a token and end inside another one. A token that contains it is a breaker by
/// itself; a token that ends with the beginning of it is one where the tokens of the rest follow. Source:
/// llama.cpp's dry, its `get_overlapping_token_sequences`.
struct SequenceBreakers: Sendable {
  /// The defaults of llama.cpp.
  static let defaultTexts = ["\n", ":", "\"", "*"]

  private let tokenizer: any Tokenizer
  /// The stages that chains may name, with `defaultTexts` as the default of `dry`.
  let registry: SamplerRegistry

  /// Looks through the vocabulary once.
  ///
  /// - Parameter registry: The stages that chains may name.
  init(_ tokenizer: any Tokenizer, registry: SamplerRegistry = .builtIn) throws {
    self.tokenizer = tokenizer
    var registry = registry
    let sequences = try Self.sequences(of: Self.defaultTexts, in: tokenizer)
    try registry.setDefault(of: "dry_sequence_breakers", in: "dry", to: .sequences(sequences))
    self.registry = registry
  }

  /// The settings with their breakers as tokens.
  ///
  /// - Throws: `SamplingError` for texts that are empty, too long or too many, and if no stage reads them.
  func resolve(_ settings: SamplerSettings) throws -> SamplerSettings {
    guard let texts = settings.sequenceBreakers else { return settings }
    try SamplerPreset.check(breakers: texts)
    let value = ParameterValue.sequences(try Self.sequences(of: texts, in: tokenizer))
    var settings = settings
    guard let chain = settings.chain else {
      settings.values[.drySequenceBreakers] = value
      return settings
    }
    guard chain.contains(where: { $0.name == "dry" }) else {
      throw SamplingError.inapplicable(
        field: "dry_sequence_breakers", reason: "no stage of the chain is 'dry', which reads it")
    }
    settings.chain = chain.map { stage in
      var stage = stage
      if stage.name == "dry" { stage.parameters["dry_sequence_breakers"] = value }
      return stage
    }
    return settings
  }

  /// The token lists of texts, each beginning with a token of the vocabulary, in its order for each text.
  static func sequences(of texts: [String], in tokenizer: any Tokenizer) throws -> [[TokenID]] {
    let words = (0..<tokenizer.vocabularySize).map { tokenizer.decode([TokenID($0)], skipSpecial: false) }
    var found: [[TokenID]] = []
    var known: Set<[TokenID]> = []
    for text in texts {
      let text = Array(text.utf8)
      var tails: [Int: [TokenID]] = [:]
      for (id, word) in words.enumerated() {
        for overlap in overlaps(of: text, with: word) {
          let tail = try tails[overlap] ?? Self.tail(text[overlap...], tokenizer)
          tails[overlap] = tail
          let sequence = [TokenID(id)] + tail
          if known.insert(sequence).inserted { found.append(sequence) }
        }
      }
    }
    return found
  }

  /// How many bytes of the text a word covers: all of them if it contains the text, else the lengths of the
  /// text's beginnings that it ends with.
  static func overlaps(of text: [UInt8], with word: [UInt8]) -> [Int] {
    guard let first = text.first else { return [] }
    var ends: [Int] = []
    for start in word.indices where word[start] == first {
      let rest = word[start...]
      if rest.starts(with: text) { return [text.count] }
      if text.starts(with: rest) { ends.append(rest.count) }
    }
    return ends
  }

  private static func tail(_ text: ArraySlice<UInt8>, _ tokenizer: any Tokenizer) throws -> [TokenID] {
    if text.isEmpty { return [] }
    let tokens = try tokenizer.encode(Array(text), special: .none, continuesText: false)
    return tokens.prefix(PipelineLimits.sequenceBreakerTail).map(\.id)
  }
}
