import JSON
import SwiftProtobuf
import WorkbenchAPI

/// Answers of `/v1/messages`.
struct MessagesForm: AnswerForm {
  let model: String
  /// The texts that the request wants to stop at.
  let stops: [String]
  private let id = AnswerID.make("msg_")

  init(model: String, stops: [String]) {
    self.model = model
    self.stops = stops
  }

  var errors: ErrorForm { .anthropic }

  func whole(_ choices: [Choice]) -> [UInt8] {
    guard let choice = choices.first else { return [] }
    var writer = JSONWriter()
    writer.object { writer in
      head(&writer)
      writer.key("content")
      writer.array { writer in
        writer.object { writer in
          writer.field("type", "text")
          writer.field("text", choice.text)
        }
      }
      stop(choice.finish, &writer)
      usage(choice.finish, &writer)
      AnswerParts.facts(choice, &writer)
    }
    return writer.bytes
  }

  func opening(_ index: Int, _ start: ProtoGenerationStart) -> [UInt8] {
    Event.frame("message_start") { writer in
      writer.field("type", "message_start")
      writer.key("message")
      writer.object { writer in
        head(&writer)
        writer.key("content")
        writer.array { _ in }
        writer.field("stop_reason", nil)
        writer.field("stop_sequence", nil)
        usage(.with { $0.promptTokens = start.promptTokens }, &writer)
      }
    }
      + Event.frame("content_block_start") { writer in
        writer.field("type", "content_block_start")
        writer.field("index", 0)
        writer.key("content_block")
        writer.object { writer in
          writer.field("type", "text")
          writer.field("text", "")
        }
      }
  }

  func piece(_ index: Int, _ response: ProtoGenerationResponse) -> [UInt8] {
    guard !response.text.isEmpty || response.tokens.contains(where: \.hasTrace) else { return [] }
    return Event.frame("content_block_delta") { writer in
      writer.field("type", "content_block_delta")
      writer.field("index", 0)
      writer.key("delta")
      writer.object { writer in
        writer.field("type", "text_delta")
        writer.field("text", response.text)
      }
      AnswerParts.traceOfPiece(response.tokens, &writer)
    }
  }

  func closing(_ index: Int, _ choice: Choice) -> [UInt8] {
    Event.frame("content_block_stop") { writer in
      writer.field("type", "content_block_stop")
      writer.field("index", 0)
    }
      + Event.frame("message_delta") { writer in
        writer.field("type", "message_delta")
        writer.key("delta")
        writer.object { stop(choice.finish, &$0) }
        usage(choice.finish, &writer)
        AnswerParts.facts(choice, &writer)
      }
  }

  func ending(_ choices: [Choice]) -> [UInt8] {
    Event.frame("message_stop") { $0.field("type", "message_stop") }
  }

  private func head(_ writer: inout JSONWriter) {
    writer.field("id", id)
    writer.field("type", "message")
    writer.field("role", "assistant")
    writer.field("model", model)
  }

  /// A rule that is the template's own stop, and none of the request's, ends a turn.
  private func stop(_ finish: ProtoGenerationFinish, _ writer: inout JSONWriter) {
    let reason =
      switch finish.reason {
      case .end, .unspecified, .UNRECOGNIZED: "end_turn"
      case .stop: stops.contains(finish.rule) ? "stop_sequence" : "end_turn"
      case .maxTokens: "max_tokens"
      case .contextFull: "model_context_window_exceeded"
      }
    writer.field("stop_reason", reason)
    writer.field("stop_sequence", reason == "stop_sequence" ? finish.rule : nil)
  }

  private func usage(_ finish: ProtoGenerationFinish, _ writer: inout JSONWriter) {
    writer.key("usage")
    writer.object { writer in
      // Anthropic counts what came from the cache apart.
      writer.field("input_tokens", Int(finish.promptTokens) - Int(finish.cachedTokens))
      writer.field("cache_read_input_tokens", Int(finish.cachedTokens))
      writer.field("cache_creation_input_tokens", 0)
      writer.field("output_tokens", Int(finish.generatedTokens))
    }
  }
}
