import Jinja

/// A named way to write a conversation as a prompt, with the strings that end the model's turn.
public struct ChatTemplate: Sendable {
  /// What it is called.
  public let name: String
  /// What it was compiled from: front matter, if any, and the Jinja source.
  public let source: String
  /// What it is, in one line.
  public let summary: String
  /// Texts that end the model's turn.
  public let stopStrings: [String]
  /// Lines of `source` that are front matter.
  public let headLines: Int
  private let compiled: Template
  private let format: ContentFormat

  /// Compiles a source, which may start with front matter.
  ///
  /// - Throws: `ChatError` with the place in the source.
  public static func compile(name: String, source: String) throws(ChatError) -> ChatTemplate {
    let isPlain = name.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
        || "-_.".unicodeScalars.contains(scalar)
    }
    guard isPlain, !name.isEmpty, name.utf8.count <= Limits.nameBytes else { throw .invalidName(name) }
    // Some editors put a byte order mark in front; it is no part of a template.
    let source =
      source.unicodeScalars.first == "\u{FEFF}" ? String(source.unicodeScalars.dropFirst()) : source
    let matter = try FrontMatter.split(source, name: name)
    try StopStringFilter.check(matter.stopStrings)
    do throws(JinjaError) {
      return ChatTemplate(
        name: name, source: source, summary: matter.summary, stopStrings: matter.stopStrings,
        headLines: matter.lineCount,
        compiled: try Template(matter.body), format: matter.format)
    } catch {
      throw .template(name: name, error.moved(down: matter.lineCount))
    }
  }

  /// Whether the template may read a variable.
  public func reads(_ variable: String) -> Bool { compiled.variables.contains(variable) }

  /// Writes a conversation as a prompt.
  ///
  /// - Throws: `ChatError.template` where the template refuses or fails, `reservedVariable` for a variable of the
  ///   caller that the engine sets.
  public func render(_ conversation: Conversation) throws(ChatError) -> RenderedPrompt {
    let context = try conversation.context(format)
    let rendered: Rendered
    do throws(JinjaError) {
      rendered = try compiled.render(context, now: conversation.now)
    } catch {
      throw .template(name: name, error.moved(down: headLines))
    }
    let spans = rendered.spans.map { span in
      let source =
        switch span.origin {
        case .template: "template"
        case .variable(let name), .input(let name): name
        }
      return PromptSpan(range: span.range, isTrusted: span.origin.isTrusted, source: source)
    }
    return RenderedPrompt(text: rendered.text, spans: spans, generationSpans: rendered.generationSpans)
  }
}
