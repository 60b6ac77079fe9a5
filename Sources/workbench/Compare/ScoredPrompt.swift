import WorkbenchAPI

/// How probable every answer of a comparison is after one of its prompts.
struct ScoredPrompt: Sendable {
  /// What tells the prompt from the others: "template chatml".
  var label: String
  /// The score of each answer; nil for one that failed or is empty, and for all where scoring failed.
  var scores: [Score?]
  /// Why there are no scores of other prompts' answers; nil if there are.
  var failure: ClientError?

  /// The log-probability of an answer, as a natural logarithm, without the token that ended it.
  struct Score: Sendable, Equatable {
    var logprob: Double
    var tokens: Int

    /// For each token.
    var mean: Double { logprob / Double(tokens) }
  }

  /// Has the answers to the other prompts scored after this one; those to this prompt have their scores already.
  ///
  /// - Parameter prompt: A variant that asks with it.
  static func ask(
    _ client: Client, _ question: Question, _ prompt: Variant, _ variants: [Variant],
    _ answers: [ComparedAnswer]
  ) async throws -> ScoredPrompt {
    var result = ScoredPrompt(label: prompt.promptLabel, scores: answers.map { _ in nil })
    var asked: [Int] = []
    var request = prompt.scoreRequest(question.messages)
    for (index, (variant, answer)) in zip(variants, answers).enumerated() where answer.failure == nil {
      if variant.promptLabel == prompt.promptLabel {
        result.scores[index] = answer.score
      } else if !answer.tokens.isEmpty, variant.model == prompt.model || !answer.text.isEmpty {
        asked.append(index)
        request.continuations.continuations.append(answer.continuation(isText: variant.model != prompt.model))
      }
    }
    guard !asked.isEmpty else { return result }
    do {
      var scores = result.scores
      try await client.stream(GenerationMethods.score, request) { response in
        for score in response.scores where score.index < asked.count && score.tokens > 0 {
          scores[asked[Int(score.index)]] = Score(logprob: score.logprob, tokens: Int(score.tokens))
        }
      }
      result.scores = scores
    } catch let error as ClientError {
      guard error.status != .unavailable, error.status != .interrupted else { throw error }
      result.failure = error
    }
    return result
  }
}

extension Variant {
  /// The request to score answers to its prompt, still without them.
  fileprivate func scoreRequest(_ messages: [ProtoMessage]) -> ProtoScoreRequest {
    var request = ProtoScoreRequest()
    request.model = model
    request.continuations.chat.messages = messages
    if let template { request.continuations.chat.template = template }
    if let profile { request.continuations.chat.profile = profile }
    return request
  }
}

extension ComparedAnswer {
  /// Its score after its own prompt; nil without tokens.
  fileprivate var score: ScoredPrompt.Score? {
    meanLogprob.map { ScoredPrompt.Score(logprob: $0 * Double(tokens.count), tokens: tokens.count) }
  }

  /// - Parameter isText: Whether another model reads it, whose tokens are not the same.
  fileprivate func continuation(isText: Bool) -> ProtoTextOrTokens {
    var result = ProtoTextOrTokens()
    if isText { result.text = text } else { result.tokens.ids = tokens.map(\.id) }
    return result
  }
}
