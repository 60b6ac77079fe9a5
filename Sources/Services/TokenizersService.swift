import Host
import RPC
import Runtime
import Tokenizers
import Tokens
import WorkbenchAPI

/// `workbench.v1.Tokenizers`.
struct TokenizersService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(TokenizersMethods.list) { _, _ in await list() }
    routes.unary(TokenizersMethods.compare) { request, _ in try await compare(request) }
    routes.unary(TokenizersMethods.tokenize) { request, _ in
      guard !request.hasTokenizer || request.model.isEmpty else {
        throw WorkbenchError(
          .invalidArgument, "a model and a tokenizer exclude each other", field: "tokenizer")
      }
      let tokens = try await host.tokenize(
        with: request.hasTokenizer ? .tokenizer(request.tokenizer) : .model(request.model),
        text: [UInt8](request.text), addSpecial: request.addSpecial,
        parseSpecial: request.parseSpecial)
      return ProtoTokenizeResponse(tokens)
    }
    routes.unary(TokenizersMethods.detokenize) { request, _ in
      let ids = try request.ids.map { try TokenID(checked: $0, field: "ids") }
      return ProtoDetokenizeResponse(
        try await host.detokenize(model: request.model, ids: ids, skipSpecial: request.skipSpecial))
    }
  }

  /// The two of a request, both named.
  private func compare(_ request: ProtoCompareTokenizersRequest) async throws
    -> ProtoCompareTokenizersResponse
  {
    for (field, value) in [("left", request.left), ("right", request.right)] where value.isEmpty {
      throw WorkbenchError(.invalidArgument, "a tokenizer's file or name is expected", field: field)
    }
    return ProtoCompareTokenizersResponse(
      try await host.compareTokenizers(request.left, request.right, text: request.text))
  }

  private func list() async -> ProtoListTokenizersResponse {
    var response = ProtoListTokenizersResponse()
    response.tokenizers = TokenizerFactory.builtIn.keys.sorted().map { name in
      var tokenizer = ProtoTokenizer()
      tokenizer.name = name
      return tokenizer
    }
    for record in await host.records() where !record.description.tokenizer.isEmpty {
      var tokenizer = ProtoTokenizer()
      tokenizer.name = record.description.tokenizer
      tokenizer.model = record.name
      tokenizer.vocabularySize = UInt32(clamping: record.description.vocabularySize)
      response.tokenizers.append(tokenizer)
    }
    return response
  }
}
