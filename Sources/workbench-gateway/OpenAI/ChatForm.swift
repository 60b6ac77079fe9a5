import Foundation
import JSON
import WorkbenchAPI

/// Answers of `/v1/chat/completions`.
struct ChatForm: AnswerForm {
  let model: String
  let logprobs: Bool
  let includesUsage: Bool
  private let id = AnswerID.make("chatcmpl-")
  private let created = Int(Date().timeIntervalSince1970)

  init(model: String, logprobs: Bool, includesUsage: Bool) {
    self.model = model
    self.logprobs = logprobs
    self.includesUsage = includesUsage
  }

  var errors: ErrorForm { .openAI }

  func whole(_ choices: [Choice]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      head("chat.completion", &writer)
      writer.key("choices")
      writer.array { writer in
        for (index, choice) in choices.enumerated() {
          writer.object { writer in
            writer.field("index", index)
            writer.key("message")
            writer.object { writer in
              writer.field("role", "assistant")
              writer.field("content", choice.text)
              writer.field("refusal", nil)
            }
            writeLogprobs(choice.tokens, &writer)
            writer.field("finish_reason", AnswerParts.reason(choice.finish))
            AnswerParts.facts(choice, &writer)
          }
        }
      }
      AnswerParts.usage(choices, promptChoices: choices.count, &writer)
    }
    return writer.bytes
  }

  func opening(_ index: Int, _ start: ProtoGenerationStart) -> [UInt8] {
    chunk(index) { writer in
      writer.field("role", "assistant")
      writer.field("content", "")
    }
  }

  func piece(_ index: Int, _ response: ProtoGenerationResponse) -> [UInt8] {
    let hasTrace = response.tokens.contains(where: \.hasTrace)
    guard !response.text.isEmpty || hasTrace || (logprobs && !response.tokens.isEmpty) else { return [] }
    return chunk(index, tokens: response.tokens) { $0.field("content", response.text) }
  }

  func closing(_ index: Int, _ choice: Choice) -> [UInt8] { chunk(index, end: choice) { _ in } }

  func ending(_ choices: [Choice]) -> [UInt8] {
    var bytes: [UInt8] = []
    if includesUsage {
      bytes += Event.frame { writer in
        head("chat.completion.chunk", &writer)
        writer.key("choices")
        writer.array { _ in }
        AnswerParts.usage(choices, promptChoices: choices.count, &writer)
      }
    }
    return bytes + Array("data: [DONE]\n\n".utf8)
  }

  private func chunk(
    _ index: Int, tokens: [ProtoGeneratedToken] = [], end: Choice? = nil,
    _ delta: (inout JSONWriter) -> Void
  ) -> [UInt8] {
    Event.frame { writer in
      head("chat.completion.chunk", &writer)
      writer.key("choices")
      writer.array { writer in
        writer.object { writer in
          writer.field("index", index)
          writer.key("delta")
          writer.object(delta)
          writeLogprobs(tokens, &writer)
          writer.field("finish_reason", end.map { AnswerParts.reason($0.finish) })
          if let end { AnswerParts.facts(end, &writer) } else { AnswerParts.traceOfPiece(tokens, &writer) }
        }
      }
      if includesUsage { writer.field("usage", nil) }
    }
  }

  private func writeLogprobs(_ tokens: [ProtoGeneratedToken], _ writer: inout JSONWriter) {
    if logprobs, !tokens.isEmpty { Logprobs.chat(tokens, &writer) } else { writer.field("logprobs", nil) }
  }

  private func head(_ object: String, _ writer: inout JSONWriter) {
    writer.field("id", id)
    writer.field("object", object)
    writer.field("created", created)
    writer.field("model", model)
  }
}

/// Names of answers.
enum AnswerID {
  /// A prefix and 24 random characters.
  static func make(_ prefix: String) -> String {
    let characters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
    return prefix + String((0..<24).compactMap { _ in characters.randomElement() })
  }
}
