import Host
import RPC
import Runtime
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Generation`.
struct GenerationService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.serverStreaming(GenerationMethods.chat.relayingResponses()) { request, _, writer in
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
  }

  /// Passes on what a worker wrote, as it comes; the writer suspends while the client does not read.
  private func relay(_ answer: EncodedStream, to writer: ResponseWriter<RawMessage>) async throws {
    for try await message in answer { try await writer.send(RawMessage(message)) }
  }
}

extension SamplerNames {
  fileprivate init(_ options: ProtoGenerationOptions) {
    self.init()
    let sampling = options.sampling
    if options.hasPreset { preset = options.preset }
    choosesChain = sampling.hasProfile || !sampling.chain.isEmpty
    stages = sampling.order + sampling.chain.map(\.name)
  }
}
