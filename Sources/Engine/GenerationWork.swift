import Inference
import Sampling
import Tokens

/// The state of an answer; touched by the engine's thread only.
final class GenerationWork {
  let request: GenerationRequest
  let stream: StreamState<EngineToken>
  var sampler: any TokenSampler
  var generated = 0
  /// How the stop token was picked, for a request that asked.
  var stopTrace: SamplingTrace?
  /// Scores of the prompt's tokens from the second on, as far as they are known.
  private var promptScores: [TokenScore] = []

  init(_ request: GenerationRequest, _ stream: StreamState<EngineToken>) {
    self.request = request
    self.stream = stream
    sampler = request.sampler
  }

  /// The positions of `range` after which the next token of the prompt is still to be scored.
  func unscored(in range: Range<Int>) -> Range<Int> {
    guard request.promptLogprobs != nil else { return 0..<0 }
    return (promptScores.count..<max(promptScores.count, request.prompt.count - 1)).clamped(to: range)
  }

  /// Whether the prompt's scores, if they are wanted, are known.
  var hasPromptScores: Bool { unscored(in: 0..<request.prompt.count).isEmpty }

  /// Positions that may be taken from another cache: only a computed position gives a score.
  func sharable(of tokens: Int) -> Int { hasPromptScores ? tokens - 1 : promptScores.count }

  /// Scores the token after `position`.
  func score(after position: Int, _ distribution: LogSoftmax) {
    promptScores.append(
      TokenScore(
        request.prompt[position + 1], distribution, top: request.promptLogprobs,
        vocabularySize: request.vocabularySize))
  }

  /// Delivers the prompt's scores, before the first token or the end.
  func deliverPromptScores() {
    guard !promptScores.isEmpty, generated == 0 else { return }
    stream.push(prompt: promptScores)
  }
}

extension TokenScore {
  /// The score of `token` in a distribution, with the `top` most probable tokens of a vocabulary.
  init(_ token: TokenID, _ distribution: LogSoftmax, top: Int?, vocabularySize: Int?) {
    self.init(
      token: token, logprob: distribution[token], isLikeliest: distribution.likeliest == token,
      top: distribution.top(top ?? 0, vocabularySize: vocabularySize))
  }
}

extension LogSoftmax {
  /// The `count` most probable tokens of a vocabulary, best first.
  func top(_ count: Int, vocabularySize: Int?) -> [TokenLogprob] {
    guard count > 0 else { return [] }
    let row = UnsafeBufferPointer(rebasing: logits.prefix(vocabularySize ?? logits.count))
    return LogProbabilities(row).top(count).map { TokenLogprob(token: $0.token, logprob: self[$0.token]) }
  }
}
