import Foundation
import JSON
import SwiftProtobuf
import WorkbenchAPI

/// llama-server's calls about texts and tokens.
struct TextCalls {
  let daemon: Daemon

  /// `/tokenize`: `{"content"}` → `{"tokens"}`.
  func tokenize(_ body: [UInt8]) async throws(APIError) -> [UInt8] {
    var parameters = try Parameters(body: body)
    var request = ProtoTokenizeRequest()
    guard let content = try parameters.string("content") else {
      throw .invalid("content", "content: missing")
    }
    request.text = Data(content.utf8)
    request.addSpecial = try parameters.bool("add_special") ?? false
    request.parseSpecial = try parameters.bool("parse_special") ?? true
    let withPieces = try parameters.bool("with_pieces") ?? false
    let model = try parameters.string("model")
    try parameters.finish()
    request.model = try await named(model)
    let tokens = try await daemon.call(TokenizersMethods.tokenize, request).tokens
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("tokens")
      writer.array { writer in
        for token in tokens {
          guard withPieces else {
            writer.int(Int(token.id))
            continue
          }
          writer.object { writer in
            writer.field("id", Int(token.id))
            writer.key("piece")
            if let text = String(validating: token.piece, as: UTF8.self) {
              writer.string(text)
            } else {
              writer.array { writer in for byte in token.piece { writer.int(Int(byte)) } }
            }
          }
        }
      }
    }
    return writer.bytes
  }

  /// `/detokenize`: `{"tokens"}` → `{"content"}`.
  func detokenize(_ body: [UInt8]) async throws(APIError) -> [UInt8] {
    var parameters = try Parameters(body: body)
    guard let value = parameters.take("tokens") else { throw .invalid("tokens", "tokens: missing") }
    guard let elements = value.elements else {
      throw parameters.wrong("tokens", "a list of token ids", value)
    }
    var request = ProtoDetokenizeRequest()
    for element in elements {
      guard let id = element.int.flatMap(UInt32.init(exactly:)) else {
        throw parameters.wrong("tokens[\(request.ids.count)]", "the id of a token", element)
      }
      request.ids.append(id)
    }
    let model = try parameters.string("model")
    try parameters.finish()
    request.model = try await named(model)
    let text = try await daemon.call(TokenizersMethods.detokenize, request).text
    return single("content", text)
  }

  /// `/apply-template`: `{"messages"}` → `{"prompt"}`.
  func applyTemplate(_ body: [UInt8]) async throws(APIError) -> [UInt8] {
    var parameters = try Parameters(body: body)
    let model = try parameters.string("model")
    var chat = ProtoChatRequest()
    chat.messages = try MessageReader.messages(&parameters)
    try MessageReader.rendering(&parameters, into: &chat)
    try parameters.finish()
    chat.model = try await named(model)
    return single("prompt", try await render(chat).text)
  }

  /// The prompt that a chat would have.
  func render(_ chat: ProtoChatRequest) async throws(APIError) -> ProtoRenderTemplateResponse {
    let request = ProtoRenderTemplateRequest.with { request in
      request.model = chat.model
      if chat.hasTemplate { request.name = chat.template }
      request.messages = chat.messages
      if chat.hasToolsJson { request.toolsJson = chat.toolsJson }
      if chat.hasVariablesJson { request.variablesJson = chat.variablesJson }
      if chat.hasAddGenerationPrompt { request.addGenerationPrompt = chat.addGenerationPrompt }
    }
    return try await daemon.call(TemplatesMethods.render, request)
  }

  private func named(_ model: String?) async throws(APIError) -> String {
    if let model { return model }
    return try await daemon.onlyModel()
  }

  private func single(_ name: String, _ text: String) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { $0.field(name, text) }
    return writer.bytes
  }
}
