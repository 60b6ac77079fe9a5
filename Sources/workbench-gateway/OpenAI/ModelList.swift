import JSON
import SwiftProtobuf
import WorkbenchAPI

/// The loaded models as `/v1/models` lists them.
enum ModelList {
  /// OpenAI's list.
  static func list(_ models: [ProtoModel]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.field("object", "list")
      writer.key("data")
      writer.array { writer in for model in models { writer.object { openAI(model, &$0) } } }
    }
    return writer.bytes
  }

  /// One model.
  static func one(_ model: ProtoModel) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { openAI(model, &$0) }
    return writer.bytes
  }

  /// Anthropic's list, in one page.
  static func anthropicList(_ models: [ProtoModel]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("data")
      writer.array { writer in for model in models { writer.object { anthropic(model, &$0) } } }
      writer.key("has_more")
      writer.bool(false)
      writer.field("first_id", models.first?.name)
      writer.field("last_id", models.last?.name)
    }
    return writer.bytes
  }

  /// One model in Anthropic's form.
  static func anthropicOne(_ model: ProtoModel) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { anthropic(model, &$0) }
    return writer.bytes
  }

  private static func openAI(_ model: ProtoModel, _ writer: inout JSONWriter) {
    writer.field("id", model.name)
    writer.field("object", "model")
    writer.field("created", Int(model.loadedAt.seconds))
    writer.field("owned_by", "workbench")
    writer.key("workbench")
    writer.object { writer in
      writer.field("state", state(model))
      writer.field("title", model.title)
      writer.field("architecture", model.architecture)
      writer.field("quantization", model.quantization)
      writer.field("context_length", Int(model.contextLength))
      writer.field("template", model.template)
      writer.field("preset", model.preset)
      writer.field("profile", model.profile)
    }
  }

  private static func anthropic(_ model: ProtoModel, _ writer: inout JSONWriter) {
    writer.field("type", "model")
    writer.field("id", model.name)
    writer.field("display_name", model.title.isEmpty ? model.name : model.title)
    writer.field("created_at", Timestamp.text(model.loadedAt))
  }

  private static func state(_ model: ProtoModel) -> String {
    switch model.state {
    case .loading: "loading"
    case .ready: "ready"
    case .down, .unspecified, .UNRECOGNIZED: "down"
    }
  }
}
