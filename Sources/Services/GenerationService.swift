import Host
import RPC
import Runtime
import WorkbenchAPI

/// `workbench.v1.Generation`.
struct GenerationService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.serverStreaming(GenerationMethods.chat) { request, _, writer in
      let stream = try await host.chat(
        model: request.model, input: try PromptInput(request),
        template: request.hasTemplate ? .named(request.template) : .modelDefault,
        options: try GenerationOptions(request.options))
      try await forward(stream, to: writer)
    }
    routes.serverStreaming(GenerationMethods.generate) { request, _, writer in
      try await forward(try await host.generate(try GenerateJob(request)), to: writer)
    }
  }
}

/// Writes events as they come; the writer suspends while the client does not read.
func forward(_ stream: GenerationStream, to writer: ResponseWriter<ProtoGenerationResponse>) async throws {
  for try await event in stream { try await writer.send(ProtoGenerationResponse(event)) }
}
