import RPC
import WorkbenchAPI

/// A call of the daemon that generates.
enum GenerationCall: Sendable {
  /// An answer to messages.
  case chat(ProtoChatRequest)
  /// A continuation of text or tokens.
  case generate(ProtoGenerateRequest)

  /// The options of either.
  var options: ProtoGenerationOptions {
    get {
      switch self {
      case .chat(let request): request.options
      case .generate(let request): request.options
      }
    }
    set {
      switch self {
      case .chat(var request):
        request.options = newValue
        self = .chat(request)
      case .generate(var request):
        request.options = newValue
        self = .generate(request)
      }
    }
  }

  /// The same call `count` times; with a seed, each has the one after the last's, so that choices differ.
  func choices(_ count: Int) -> [GenerationCall] {
    (0..<count).map { index in
      var call = self
      if call.options.sampling.hasSeed { call.options.sampling.seed &+= UInt64(index) }
      return call
    }
  }
}

/// A generation that the daemon has accepted.
struct Generation: Sendable {
  /// The first response, which says how the request was understood.
  let first: ProtoGenerationResponse
  /// Those after it.
  let rest: ResponseStream<ProtoGenerationResponse>
}

extension Daemon {
  /// Starts a generation, and returns once the daemon has understood the request or refused it.
  func begin(_ call: GenerationCall) async throws(APIError) -> Generation {
    let rest =
      switch call {
      case .chat(let request): try await stream(GenerationMethods.chat, request)
      case .generate(let request): try await stream(GenerationMethods.generate, request)
      }
    guard let first = try await rest.next() else {
      throw APIError(status: 500, kind: .server, message: "the daemon ended the answer before it began")
    }
    return Generation(first: first, rest: rest)
  }

  /// A generation from its beginning to its end.
  func complete(_ call: GenerationCall) async throws(APIError) -> Choice {
    let generation = try await begin(call)
    var choice = Choice()
    choice.add(generation.first)
    while let response = try await generation.rest.next() { choice.add(response) }
    return choice
  }

  /// Several generations to their ends, at most `Limits.choices` at a time; in their order.
  func complete(_ calls: [GenerationCall]) async throws -> [Choice] {
    try await withThrowingTaskGroup(of: (Int, Choice).self) { group in
      var choices = [Choice](repeating: Choice(), count: calls.count)
      for (index, call) in calls.enumerated() {
        if index >= Limits.choices, let (done, choice) = try await group.next() { choices[done] = choice }
        group.addTask { (index, try await complete(call)) }
      }
      for try await (done, choice) in group { choices[done] = choice }
      return choices
    }
  }
}

/// What the responses of one generation come to.
struct Choice: Sendable {
  /// How the request was understood.
  var start = ProtoGenerationStart()
  /// The text of the answer.
  var text = ""
  /// Its tokens, where they are asked for.
  var tokens: [ProtoGeneratedToken] = []
  /// Those of the prompt, where they are asked for.
  var prompt: [ProtoScoredToken] = []
  /// How it ended.
  var finish = ProtoGenerationFinish()

  /// Takes in one more response.
  mutating func add(_ response: ProtoGenerationResponse) {
    note(response)
    text += response.text
    tokens += response.tokens
    prompt += response.prompt
  }

  /// Takes in only what a response says about the whole answer.
  mutating func note(_ response: ProtoGenerationResponse) {
    if response.hasStart { start = response.start }
    if response.hasFinish { finish = response.finish }
  }
}
