import Engine
import Sampling
import Tokenizers
import Tokens

extension ScoredToken {
  /// A score with the tokenizer's facts about its token.
  init(_ score: TokenScore, of tokenizer: any Tokenizer) {
    self.init(
      id: score.token, bytes: tokenizer.bytes(of: score.token),
      isSpecial: tokenizer.kind(of: score.token) == .control, logprob: score.logprob,
      isLikeliest: score.isLikeliest, alternatives: score.top.map { .init($0, of: tokenizer) })
  }

  /// A token that has none before it.
  init(first token: TokenID, of tokenizer: any Tokenizer) {
    self.init(
      id: token, bytes: tokenizer.bytes(of: token), isSpecial: tokenizer.kind(of: token) == .control,
      logprob: nil, isLikeliest: false, alternatives: [])
  }
}

extension GeneratedToken.Alternative {
  /// A candidate with its bytes.
  init(_ candidate: TokenLogprob, of tokenizer: any Tokenizer) {
    self.init(
      id: candidate.token, bytes: tokenizer.bytes(of: candidate.token), logprob: candidate.logprob)
  }
}
