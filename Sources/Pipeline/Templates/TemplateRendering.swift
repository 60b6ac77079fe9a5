import Chat
import Jinja
import Runtime

/// The texts of a tokenizer's special tokens that templates can use.
struct SpecialTexts {
  var bos: String?
  var eos: String?
  /// Further ones by variable name.
  var others: [String: String] = [:]
}

/// Templates applied to conversations; needs no model.
public enum TemplateRendering {
  /// Renders without a model: no token ids.
  public static func render(_ job: RenderJob, _ templates: CompiledTemplates) throws -> RenderedText {
    try translatingErrors {
      let prompt = try render(
        templates.compiled(job.template), named: job.template.name, job.input,
        SpecialTexts(bos: job.bosToken, eos: job.eosToken))
      return try RenderedText(
        text: prompt.text, spans: prompt.spans.map { .init(range: $0.range, origin: $0.source) }, tokens: []
      ).bounded()
    }
  }

  static func render(
    _ template: any PromptTemplate, named name: String, _ input: PromptInput, _ texts: SpecialTexts
  ) throws -> RenderedPrompt {
    var conversation = Conversation(
      messages: input.messages, addGenerationPrompt: input.addGenerationPrompt, bosToken: texts.bos,
      eosToken: texts.eos, otherTokens: texts.others)
    if let tools = input.toolsJSON { conversation.tools = try Value(json: tools, field: "tools_json") }
    if let variables = input.variablesJSON {
      guard case .dict(let fields) = try Value(json: variables, field: "variables_json") else {
        throw WorkbenchError(
          .invalidArgument, "variables_json must be a JSON object", field: "variables_json")
      }
      for (name, value) in fields.entries { conversation.extra[name] = value }
    }
    if !input.ignoresUnused { try refuseUnused(conversation, template, name) }
    return try template.prompt(conversation)
  }

  /// Refuses what the model would never see.
  private static func refuseUnused(
    _ conversation: Conversation, _ template: any PromptTemplate, _ name: String
  ) throws {
    let unused = conversation.given.filter { !template.reads($0) }
    guard let first = unused.first else { return }
    throw WorkbenchError(
      .invalidArgument,
      "template '\(name)' does not use \(unused.joined(separator: ", ")), so the model would not see it: choose another "
        + "template, leave it out, or accept that with ignore_unused (--ignore-unused)",
      field: first == "tools" ? "tools_json" : "variables_json")
  }
}

extension RenderedPrompt {
  /// The parts that the template itself or the tokenizer wrote: only there may text become a control token.
  var trustedRanges: [Range<Int>] {
    runs.filter(\.isTrusted).map(\.range)
  }
}
