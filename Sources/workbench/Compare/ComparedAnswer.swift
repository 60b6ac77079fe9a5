import WorkbenchAPI

/// The answer of a variant.
struct ComparedAnswer: Sendable {
  var text = ""
  var tokens: [ProtoGeneratedToken] = []
  var start: ProtoGenerationStart?
  var finish: ProtoGenerationFinish?
  /// Why there is none; nil if there is one.
  var failure: ClientError?

  /// The mean of the natural logarithms of its tokens' probabilities; nil without tokens.
  var meanLogprob: Double? {
    let known = tokens.filter(\.hasLogprob).map { Double($0.logprob) }
    return known.isEmpty ? nil : known.reduce(0, +) / Double(known.count)
  }

  /// Asks for it.
  static func ask(_ client: Client, _ request: ProtoChatRequest) async throws -> ComparedAnswer {
    var answer = ComparedAnswer()
    do {
      try await client.stream(GenerationMethods.chat, request) { response in
        answer.text += response.text
        answer.tokens += response.tokens
        if response.hasStart { answer.start = response.start }
        if response.hasFinish { answer.finish = response.finish }
      }
    } catch let error as ClientError {
      // The others are still worth having, unless nobody can answer.
      guard error.status != .unavailable, error.status != .interrupted else { throw error }
      answer.failure = error
    }
    return answer
  }
}

/// Where two answers part.
enum Parting: Sendable, Equatable {
  /// They do not.
  case same
  /// At a token, counted from 0, where one of the answers may have ended.
  case token(Int)
  /// At a character, counted from 0, where tokens cannot be compared.
  case character(Int)
  /// One of them failed.
  case unknown

  /// Compares by tokens, or by text if the models are not the same.
  init(_ left: ComparedAnswer, _ right: ComparedAnswer, byTokens: Bool) {
    guard left.failure == nil, right.failure == nil else {
      self = .unknown
      return
    }
    let place: Int?
    if byTokens {
      place = Self.first(left.tokens.map(\.id), right.tokens.map(\.id))
      self = place.map { .token($0) } ?? .same
    } else {
      place = Self.first(Array(left.text.unicodeScalars), Array(right.text.unicodeScalars))
      self = place.map { .character($0) } ?? .same
    }
  }

  private static func first<Element: Equatable>(_ left: [Element], _ right: [Element]) -> Int? {
    let common = zip(left, right).prefix { $0 == $1 }.count
    return common == left.count && common == right.count ? nil : common
  }

  /// Its position, where they part.
  var position: Int? {
    switch self {
    case .token(let place), .character(let place): place
    case .same, .unknown: nil
    }
  }
}
