import Tokens

/// What a request wants, and where its results go.
enum Job: Sendable {
  case generation(GenerationRequest, StreamState<EngineToken>)
  case scoring(ScoringRequest, StreamState<TextScore>)

  /// The stream of the results.
  var stream: any StreamControl {
    switch self {
    case .generation(_, let stream): stream
    case .scoring(_, let stream): stream
    }
  }

  /// What is computed first, and shared with others that begin alike.
  var prompt: [TokenID] {
    switch self {
    case .generation(let request, _): request.prompt
    case .scoring(let request, _): request.context
    }
  }

  /// Whether kept caches may be used for the prompt, and whether its own is kept.
  var cacheable: Bool {
    switch self {
    case .generation(let request, _): request.cacheable
    case .scoring(let request, _): request.cacheable
    }
  }
}
