import Host
import RPC
import Runtime
import SwiftProtobuf
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Tokenizers`.
struct TokenizersService: Sendable {
  let host: ModelHost
  let access: AccessControl

  func register(in routes: inout RouteTable) {
    routes.unary(TokenizersMethods.list) { request, _ in try await list(request) }
    routes.unary(TokenizersMethods.tokenize.relayingResponses()) { request, context in
      guard !request.hasTokenizer || request.model.isEmpty else {
        throw WorkbenchError(.invalidArgument, "give a model or a tokenizer, not both", field: "tokenizer")
      }
      guard request.hasTokenizer else {
        return try await relay(.tokenize, request, by: .model(request.model))
      }
      let tokenizer = try await tokenizer(request.tokenizer, field: "tokenizer", context)
      var request = request
      request.tokenizer = tokenizer.path
      return try await relay(
        .tokenize, request, by: .utility(tokenizers: [tokenizer.path]), refusesLinks: tokenizer.refusesLinks)
    }
    routes.unary(TokenizersMethods.detokenize.relayingResponses()) { request, _ in
      try await relay(.detokenize, request, by: .model(request.model))
    }
    routes.unary(TokenizersMethods.export.relayingResponses()) { request, _ in
      try await relay(.exportTokenizer, request, by: .model(request.model))
    }
    routes.unary(TokenizersMethods.compare.relayingResponses()) { request, context in
      for (field, value) in [("left", request.left), ("right", request.right)] where value.isEmpty {
        throw WorkbenchError(.invalidArgument, "give the file or the name of a tokenizer", field: field)
      }
      let left = try await tokenizer(request.left, field: "left", context)
      let right = try await tokenizer(request.right, field: "right", context)
      var request = request
      (request.left, request.right) = (left.path, right.path)
      return try await relay(
        .compareTokenizers, request, by: .utility(tokenizers: [left.path, right.path]),
        refusesLinks: left.refusesLinks || right.refusesLinks)
    }
  }

  /// What the caller may open: the name of a plugin's tokenizer as it is, or else a file or folder.
  private func tokenizer(
    _ reference: String, field: String, _ context: ServerContext
  ) async throws -> AccessControl.AllowedPath {
    let isPlugin = await host.offersTokenizer(reference)
    return try await access.file(reference, isPlugin: isPlugin, field: field, context)
  }

  /// Passes a request on to a worker, and its answer back.
  private func relay(
    _ call: WorkerCall, _ request: some SwiftProtobuf.Message, by choice: WorkerChoice,
    refusesLinks: Bool = false
  ) async throws -> RawMessage {
    RawMessage(
      try await host.answer(call, try EncodedMessage(request), by: choice, refusesLinks: refusesLinks))
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
