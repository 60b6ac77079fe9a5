import Foundation
import JSON
import WorkbenchAPI

/// Answers of `/v1/completions`.
struct CompletionForm: AnswerForm {
  let model: String
  /// The prompts, where they are part of the answer.
  let prompts: [CompletionRequest.Prompt]?
  /// Choices of each prompt.
  let promptChoices: Int
  let hasLogprobs: Bool
  /// Whether only the prompt is shown.
  let isEchoOnly: Bool
  let includesUsage: Bool
  private let id = AnswerID.make("cmpl-")
  private let created = Int(Date().timeIntervalSince1970)

  init(
    model: String, prompts: [CompletionRequest.Prompt]?, promptChoices: Int, hasLogprobs: Bool,
    isEchoOnly: Bool,
    includesUsage: Bool
  ) {
    self.model = model
    self.prompts = prompts
    self.promptChoices = promptChoices
    self.hasLogprobs = hasLogprobs
    self.isEchoOnly = isEchoOnly
    self.includesUsage = includesUsage
  }

  var errors: ErrorForm { .openAI }

  func whole(_ choices: [Choice]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      head(&writer)
      writer.key("choices")
      writer.array { writer in
        for (index, choice) in choices.enumerated() {
          writer.object { self.choice(index, choice, &$0) }
        }
      }
      AnswerParts.usage(choices, promptChoices: promptChoices, &writer)
    }
    return writer.bytes
  }

  private func choice(_ index: Int, _ choice: Choice, _ writer: inout JSONWriter) {
    let tokens = isEchoOnly ? [] : choice.tokens
    let prompt = echo(index, choice)
    writer.field("index", index)
    writer.field("text", prompt + (isEchoOnly ? "" : choice.text))
    if hasLogprobs {
      Logprobs.completion(prompt: choice.prompt, tokens, &writer)
    } else {
      writer.field("logprobs", nil)
    }
    writer.field("finish_reason", isEchoOnly ? "length" : AnswerParts.reason(choice.finish))
    AnswerParts.facts(choice, &writer)
  }

  /// The prompt of a choice as text, where it is part of the answer.
  private func echo(_ index: Int, _ choice: Choice) -> String {
    guard let prompts else { return "" }
    switch prompts[index / promptChoices] {
    case .text(let text): return text
    case .tokens:
      let bytes = choice.prompt.filter { !$0.special }.flatMap(\.bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  func opening(_ index: Int, _ start: ProtoGenerationStart) -> [UInt8] { [] }

  func piece(_ index: Int, _ response: ProtoGenerationResponse) -> [UInt8] {
    let hasTrace = response.tokens.contains(where: \.hasTrace)
    guard !response.text.isEmpty || hasTrace || (hasLogprobs && !response.tokens.isEmpty) else { return [] }
    return chunk(index, response.text, response.tokens)
  }

  func closing(_ index: Int, _ choice: Choice) -> [UInt8] { chunk(index, "", [], end: choice) }

  func ending(_ choices: [Choice]) -> [UInt8] {
    var bytes: [UInt8] = []
    if includesUsage {
      bytes += Event.frame { writer in
        head(&writer)
        writer.key("choices")
        writer.array { _ in }
        AnswerParts.usage(choices, promptChoices: promptChoices, &writer)
      }
    }
    return bytes + Array("data: [DONE]\n\n".utf8)
  }

  private func chunk(
    _ index: Int, _ text: String, _ tokens: [ProtoGeneratedToken], end: Choice? = nil
  ) -> [UInt8] {
    Event.frame { writer in
      head(&writer)
      writer.key("choices")
      writer.array { writer in
        writer.object { writer in
          writer.field("index", index)
          writer.field("text", text)
          if hasLogprobs, !tokens.isEmpty {
            Logprobs.completion(prompt: [], tokens, &writer)
          } else {
            writer.field("logprobs", nil)
          }
          writer.field("finish_reason", end.map { AnswerParts.reason($0.finish) })
          if let end { AnswerParts.facts(end, &writer) } else { AnswerParts.traceOfPiece(tokens, &writer) }
        }
      }
      if includesUsage { writer.field("usage", nil) }
    }
  }

  private func head(_ writer: inout JSONWriter) {
    writer.field("id", id)
    writer.field("object", "text_completion")
    writer.field("created", created)
    writer.field("model", model)
  }
}
