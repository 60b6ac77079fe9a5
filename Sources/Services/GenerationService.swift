import Host
import RPC
import Runtime
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Generation`.
struct GenerationService: Sendable {
  let host: ModelHost
  let chat: ConversationChat

  func register(in routes: inout RouteTable) {
    routes.serverStreaming(GenerationMethods.chat.relayingResponses()) { request, context, writer in
      if request.hasConversation { return try await chat.run(request, context, writer) }
      let answer = try await host.chat(
        try EncodedMessage(request), model: request.model,
        template: request.hasTemplate ? .named(request.template) : .modelDefault,
        samplers: SamplerNames(request.options))
      try await relay(answer, to: writer)
    }
    routes.serverStreaming(GenerationMethods.generate.relayingResponses()) { request, _, writer in
      let answer = try await host.generate(
        try EncodedMessage(request), model: request.model, samplers: SamplerNames(request.options))
      try await relay(answer, to: writer)
    }
    routes.serverStreaming(GenerationMethods.score.relayingResponses()) { request, _, writer in
      let chat = request.continuations.context.chat
      let answer = try await host.score(
        try EncodedMessage(request), model: request.model,
        template: chat.map { $0.hasTemplate ? .named($0.template) : .modelDefault },
        profile: chat.flatMap { $0.hasProfile ? $0.profile : nil })
      try await relay(answer, to: writer)
    }
  }

  /// Passes on what a worker wrote, as it comes; waits while the client does not read.
  private func relay(_ answer: EncodedStream, to writer: ResponseWriter<RawMessage>) async throws {
    try await writer.send(contentsOf: RawMessages(answer))
  }
}

/// The messages of an answer as the transport takes them.
private struct RawMessages: AsyncSequence {
  typealias Element = RawMessage
  private let answer: EncodedStream

  init(_ answer: EncodedStream) {
    self.answer = answer
  }

  func makeAsyncIterator() -> Iterator { Iterator(rest: answer.makeAsyncIterator()) }

  struct Iterator: AsyncIteratorProtocol {
    fileprivate var rest: any AsyncIteratorProtocol<EncodedMessage, any Error>

    mutating func next(isolation actor: isolated (any Actor)?) async throws -> RawMessage? {
      try await rest.next(isolation: actor).map { RawMessage($0) }
    }

    mutating func next() async throws -> RawMessage? {
      try await next(isolation: nil)
    }
  }
}

extension ProtoScoredContinuations.OneOf_Context? {
  /// The messages, if they are the context.
  fileprivate var chat: ProtoChatContext? {
    if case .chat(let chat) = self { chat } else { nil }
  }
}

extension SamplerNames {
  init(_ options: ProtoGenerationOptions) {
    self.init()
    let sampling = options.sampling
    if options.hasProfile { profile = options.profile }
    if options.hasPreset { preset = options.preset }
    choosesChain = sampling.hasProfile || !sampling.chain.isEmpty
    stages = sampling.order + sampling.chain.map(\.name)
  }
}
