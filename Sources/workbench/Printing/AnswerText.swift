import Units
import WorkbenchAPI

/// Statistics of an answer, as text.
enum AnswerText {
  /// Counts, speed, how the answer ended, and every effective setting with its source.
  static func statistics(_ start: ProtoGenerationStart, _ finish: ProtoGenerationFinish) -> String {
    var fields = Fields()
    let timings = finish.timings
    fields.add("model", start.model)
    fields.add("template", start.template)
    fields.add("profile", start.profile)
    fields.add("seed", "\(start.seed)")
    let prefilled = finish.promptTokens - min(finish.cachedTokens, finish.promptTokens)
    fields.add(
      "prompt",
      "\(counted(finish.promptTokens, "token")) (\(finish.cachedTokens) cached), "
        + speed(prefilled, Format.seconds(of: timings.prefill)))
    fields.add(
      "answer",
      counted(finish.generatedTokens, "token") + ", "
        + speed(finish.generatedTokens, Format.seconds(of: timings.decode))
    )
    if timings.hasQueue { fields.add("queue", Format.seconds(timings.queue)) }
    fields.add("finish", reason(finish))
    for setting in finish.settings {
      // In the API the name of whose order it is has the name that profiles have now.
      let name = setting.name == "profile" ? "order of" : setting.name
      fields.add("setting", "\(name) = \(setting.value) (\(source(setting)))")
    }
    return fields.note
  }

  /// How the answer ended: `end of turn, "<|im_end|>"`.
  static func reason(_ finish: ProtoGenerationFinish) -> String {
    let name =
      switch finish.reason {
      case .end: "end of turn"
      case .stop: "stop text"
      case .maxTokens: "token limit"
      case .contextFull: "context full"
      case .unspecified, .UNRECOGNIZED: "unknown"
      }
    return finish.rule.isEmpty ? name : "\(name), \"\(finish.rule)\""
  }

  private static func speed(_ tokens: UInt32, _ seconds: Double) -> String {
    let time = Format.seconds(seconds)
    return seconds > 0 ? "\(time), \(Format.decimal(Double(tokens) / seconds, 1)) tokens/s" : time
  }

  private static func source(_ setting: ProtoEffectiveSetting) -> String {
    switch setting.source {
    case .default: "default"
    case .preset: "preset \(setting.sourceName)"
    case .profile: "profile \(setting.sourceName)"
    case .model: "model"
    case .template: "template"
    case .request: "request"
    case .unspecified, .UNRECOGNIZED: "unknown"
    }
  }
}
