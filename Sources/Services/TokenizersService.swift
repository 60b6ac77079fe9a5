import Host
import RPC
import Runtime
import SwiftProtobuf
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Tokenizers`.
struct TokenizersService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(TokenizersMethods.list) { request, _ in try await list(request) }
    routes.unary(TokenizersMethods.tokenize.relayingResponses()) { request, _ in
      guard !request.hasTokenizer || request.model.isEmpty else {
        throw WorkbenchError(.invalidArgument, "give a model or a tokenizer, not both", field: "tokenizer")
      }
      return try await relay(
        .tokenize, request,
        by: request.hasTokenizer ? .utility(tokenizers: [request.tokenizer]) : .model(request.model))
    }
    routes.unary(TokenizersMethods.detokenize.relayingResponses()) { request, _ in
      try await relay(.detokenize, request, by: .model(request.model))
    }
    routes.unary(TokenizersMethods.compare.relayingResponses()) { request, _ in
      for (field, value) in [("left", request.left), ("right", request.right)] where value.isEmpty {
        throw WorkbenchError(.invalidArgument, "give the file or the name of a tokenizer", field: field)
      }
      return try await relay(
        .compareTokenizers, request, by: .utility(tokenizers: [request.left, request.right]))
    }
  }

  /// Passes a request on to a worker, and its answer back.
  private func relay(
    _ call: WorkerCall, _ request: some SwiftProtobuf.Message, by choice: WorkerChoice
  ) async throws -> RawMessage {
    RawMessage(try await host.answer(call, try EncodedMessage(request), by: choice))
  }

  /// The families, which a worker knows, and the loaded models' tokenizers.
  private func list(_ request: ProtoListTokenizersRequest) async throws -> ProtoListTokenizersResponse {
    let families = try await host.answer(.listTokenizers, try EncodedMessage(request), by: .utility())
    var response = try ProtoListTokenizersResponse(serializedBytes: families.bytes)
    for record in await host.records() where !record.loaded.tokenizer.isEmpty {
      var tokenizer = ProtoTokenizer()
      tokenizer.name = record.loaded.tokenizer
      tokenizer.model = record.name
      tokenizer.vocabularySize = UInt32(clamping: record.loaded.vocabularySize)
      response.tokenizers.append(tokenizer)
    }
    return response
  }
}
