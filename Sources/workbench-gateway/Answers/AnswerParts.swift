import JSON
import SwiftProtobuf
import WorkbenchAPI

/// What several forms write alike.
enum AnswerParts {
  /// OpenAI's word for why an answer ended.
  static func reason(_ finish: ProtoGenerationFinish) -> String {
    switch finish.reason {
    case .end, .stop, .unspecified, .UNRECOGNIZED: "stop"
    case .maxTokens, .contextFull: "length"
    }
  }

  /// `usage`, in which a prompt counts once for all of its choices.
  static func usage(_ choices: [Choice], promptChoices: Int, _ writer: inout JSONWriter) {
    var (prompt, cached, answer) = (0, 0, 0)
    for (index, choice) in choices.enumerated() {
      answer += Int(choice.finish.generatedTokens)
      guard index % max(1, promptChoices) == 0 else { continue }
      prompt += Int(choice.finish.promptTokens)
      cached += Int(choice.finish.cachedTokens)
    }
    writer.key("usage")
    writer.object { writer in
      writer.field("prompt_tokens", prompt)
      writer.field("completion_tokens", answer)
      writer.field("total_tokens", prompt + answer)
      writer.key("prompt_tokens_details")
      writer.object { $0.field("cached_tokens", cached) }
    }
  }

  /// `workbench`: what only this daemon tells of an answer.
  static func facts(_ choice: Choice, _ writer: inout JSONWriter) {
    writer.key("workbench")
    writer.object { writer in
      let (start, finish) = (choice.start, choice.finish)
      writer.field("template", start.template.isEmpty ? nil : start.template)
      writer.field("template_version", Int(start.templateVersion))
      writer.field("profile", start.profile.isEmpty ? nil : start.profile)
      writer.key("seed")
      writer.integer(digits: String(start.seed))
      writer.field("rule", finish.rule.isEmpty ? nil : finish.rule)
      writer.field("prompt_tokens", Int(finish.promptTokens))
      writer.field("cached_tokens", Int(finish.cachedTokens))
      writer.key("timings")
      writer.object { writer in
        for (name, time) in [
          ("queue_ms", finish.timings.queue), ("prefill_ms", finish.timings.prefill),
          ("decode_ms", finish.timings.decode),
        ] {
          writer.key(name)
          writer.double(Double(time.seconds) * 1000 + Double(time.nanos) / 1e6)
        }
      }
      writer.key("settings")
      writer.array { writer in
        for setting in finish.settings {
          writer.object { writer in
            writer.field("name", setting.name)
            writer.field("value", setting.value)
            writer.field("source", source(setting))
          }
        }
      }
      trace(choice.tokens, end: finish.hasTrace ? finish.trace : nil, &writer)
    }
  }

  /// `trace`, where one was asked for: for each token what every stage of the sampler chain did.
  static func trace(_ tokens: [ProtoGeneratedToken], end: ProtoSamplingTrace?, _ writer: inout JSONWriter) {
    guard end != nil || tokens.contains(where: \.hasTrace) else { return }
    writer.key("trace")
    writer.array { writer in
      for token in tokens { self.token(token, &writer) }
      if let end {
        writer.object { writer in
          writer.field("token", nil)
          stages(end, &writer)
        }
      }
    }
  }

  /// `workbench` of a piece of a stream: the trace of its tokens, where one was asked for.
  static func traceOfPiece(_ tokens: [ProtoGeneratedToken], _ writer: inout JSONWriter) {
    guard tokens.contains(where: \.hasTrace) else { return }
    writer.key("workbench")
    writer.object { trace(tokens, end: nil, &$0) }
  }

  private static func token(_ token: ProtoGeneratedToken, _ writer: inout JSONWriter) {
    writer.object { writer in
      writer.field("id", Int(token.id))
      writer.field("token", String(decoding: token.bytes, as: UTF8.self))
      stages(token.trace, &writer)
    }
  }

  private static func stages(_ trace: ProtoSamplingTrace, _ writer: inout JSONWriter) {
    writer.key("stages")
    writer.array { writer in
      for stage in trace.stages {
        writer.object { writer in
          writer.field("name", stage.name)
          distribution("before", stage.before, &writer)
          distribution("after", stage.after, &writer)
          writer.key("mass_removed")
          writer.double(stage.massRemoved)
        }
      }
    }
    writer.key("likeliest")
    writer.array { writer in for token in trace.likeliest { Logprobs.alternative(token, &writer) } }
  }

  private static func distribution(
    _ name: String, _ value: ProtoTracedDistribution, _ writer: inout JSONWriter
  ) {
    writer.key(name)
    writer.object { writer in
      writer.field("candidates", Int(value.candidates))
      writer.key("entropy")
      writer.double(value.entropy)
      writer.key("rank")
      if value.hasRank { writer.int(Int(value.rank)) } else { writer.null() }
      writer.key("probability")
      writer.double(value.probability)
    }
  }

  private static func source(_ setting: ProtoEffectiveSetting) -> String {
    let kind =
      switch setting.source {
      case .default, .unspecified, .UNRECOGNIZED: "default"
      case .model: "model"
      case .template: "template"
      case .request: "request"
      case .preset: "preset"
      case .profile: "profile"
      }
    return setting.sourceName.isEmpty ? kind : "\(kind) \(setting.sourceName)"
  }
}
