import Tokens

/// Bans every token that would complete an n-gram that the sequence already has.
///
/// Source: transformers' `no_repeat_ngram_size`.
struct NoRepeatNgram: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var size = 0
  }

  static let name = "no_repeat_ngram"
  static let summary = "Bans tokens that would repeat an n-gram that is already in the sequence."
  static let parameters: [Parameter<Parameters>] = [
    .integer(
      "no_repeat_ngram_size", \.size, 0...Limits.count, off: 0,
      "Runs of this many tokens never occur twice; usually 3 or more; 0 turns it off.")
  ]

  private let size: Int
  private var tokens: [TokenID] = []

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.size <= 0 { return nil }
    size = parameters.size
  }

  mutating func accept(_ token: TokenID) { tokens.append(token) }

  mutating func reset() { tokens.removeAll(keepingCapacity: true) }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    guard tokens.count >= size else { return }
    let tail = tokens[(tokens.count - size + 1)...]
    var banned: Set<TokenID> = []
    for start in 0...(tokens.count - size) where tokens[start..<(start + size - 1)].elementsEqual(tail) {
      banned.insert(tokens[start + size - 1])
    }
    for token in banned {
      if let index = candidates.index(of: token) { candidates.setLogit(-.infinity, at: index) }
    }
  }
}
