import Chat
import Jinja
import Runtime
import Tokenizers
import Tokens

/// Looks for common mistakes in a template by rendering small conversations.
struct TemplateLint {
  let template: ChatTemplate
  /// Whether the template must write BOS itself if the model expects one.
  ///
  /// Nobody adds it for a template of the model file. Elsewhere it is added, or the model's card leaves it out.
  let writesBOS: Bool
  let texts: SpecialTexts
  /// nil: nothing is checked against a vocabulary.
  let tokenizer: (any Tokenizer)?

  /// Messages that no template contains.
  private enum Probe {
    static let system = "SYSTEM-PROBE"
    static let question = "QUESTION-PROBE"
    static let answer = "ANSWER-PROBE"
    static let followUp = "FOLLOW-UP-PROBE"
    static let result = "RESULT-PROBE"
  }

  /// All findings, in the order of the rules.
  func findings() -> [TemplateFinding] {
    let prompt: RenderedPrompt
    do throws(ChatError) {
      prompt = try render([("user", Probe.question)])
    } catch {
      return [unrendered(error)]
    }
    var findings = roles()
    findings += ending(prompt)
    let dialogue = try? render(
      [("user", Probe.question), ("assistant", Probe.answer), ("user", Probe.followUp)])
    if let dialogue { findings += turns(prompt, dialogue) }
    findings += beginning(prompt)
    findings += markers([prompt, dialogue].compactMap { $0 })
    return findings
  }

  // MARK: Rules

  /// The smallest conversation does not render, so no other rule can be checked; if it does in another usual shape, the
  /// template is of use all the same.
  private func unrendered(_ error: ChatError) -> TemplateFinding {
    let question = [Message(role: "user", content: Probe.question)]
    let parts: [Value] = [["type": "text", "text": .string(Probe.question)]]
    let shapes: [(messages: [Message], generation: Bool)] = [
      (question, false), ([Message(role: "user", content: .parts(parts))], true),
    ]
    let isOfUse = shapes.contains { (try? render($0.messages, generation: $0.generation)) != nil }
    var reason = "\(error)"
    var place: TemplateFinding.Place?
    if case .template(_, let error) = error { (reason, place) = (error.message, .init(error)) }
    return TemplateFinding(
      isOfUse ? .warning : .error, rule: TemplateFinding.rendering,
      "it cannot render a single user message (without tools and variables): \(reason)", place: place)
  }

  /// Roles whose messages do not reach the prompt.
  private func roles() -> [TemplateFinding] {
    let conversations: [(role: String, probe: String, messages: [(String, String)])] = [
      ("system", Probe.system, [("system", Probe.system), ("user", Probe.question)]),
      ("user", Probe.question, [("user", Probe.question)]),
      (
        "assistant", Probe.answer,
        [("user", Probe.question), ("assistant", Probe.answer), ("user", Probe.followUp)]
      ),
      (
        "tool", Probe.result,
        [("user", Probe.question), ("assistant", Probe.answer), ("tool", Probe.result)]
      ),
    ]
    var findings: [TemplateFinding] = []
    for (role, probe, messages) in conversations {
      do throws(ChatError) {
        guard try !render(messages).text.utf8.contains(probe.utf8) else { continue }
        findings.append(
          TemplateFinding(
            role == "tool" ? .note : .warning, rule: "role-dropped",
            "messages with the role '\(role)' are dropped from the prompt, without an error"))
      } catch {
        guard case .template(_, let reason) = error else { continue }
        findings.append(
          TemplateFinding(
            .note, rule: "role-refused", "messages with the role '\(role)' are refused: \(reason.message)",
            place: .init(reason)))
      }
    }
    return findings
  }

  /// How the prompt ends, which is where the model continues.
  private func ending(_ prompt: RenderedPrompt) -> [TemplateFinding] {
    var findings: [TemplateFinding] = []
    if prompt.text.last == " " || prompt.text.last == "\t" {
      findings.append(
        TemplateFinding(
          .warning, rule: "trailing-space",
          "the prompt ends with a space; in most vocabularies a word begins with its space, so the model gets "
            + "a token that it rarely saw there: remove the space"))
    }
    if let without = try? render([("user", Probe.question)], generation: false), without.text == prompt.text {
      findings.append(
        TemplateFinding(
          .note, rule: "generation-prompt-ignored",
          "add_generation_prompt changes nothing: the template writes no head for the assistant's turn"))
    }
    return findings
  }

  /// Where the assistant's turn ends, and whether the text of n turns begins that of n + 1.
  private func turns(_ prompt: RenderedPrompt, _ dialogue: RenderedPrompt) -> [TemplateFinding] {
    var findings: [TemplateFinding] = []
    if let end = turnEnd(dialogue), !ends(end) {
      findings.append(
        TemplateFinding(
          .warning, rule: "stop-missing",
          "the assistant's turn ends with \(quoted(end)), which is not a stop string"
            + (tokenizer == nil ? "" : " and not a token that ends this model's answers")
            + ": add it under 'stop:' in the front matter",
          place: .init(of: end, in: template)))
    }
    if !dialogue.text.utf8.starts(with: prompt.text.utf8) {
      let common = zip(dialogue.text.utf8, prompt.text.utf8).prefix { $0 == $1 }.count
      findings.append(
        TemplateFinding(
          .note, rule: "prefix-changes",
          "the prompt of one turn is not a prefix of the prompt of two (they differ from byte \(common)), so "
            + "the work done for earlier turns cannot be reused"))
    }
    return findings
  }

  /// The BOS at the start of the prompt.
  private func beginning(_ prompt: RenderedPrompt) -> [TemplateFinding] {
    guard let tokenizer, let bos = tokenizer.beginningOfSequence,
      let tokens = try? tokenizer.encode(
        Array(prompt.text.utf8), special: .within(prompt.trustedRanges), continuesText: false)
    else { return [] }
    let written = tokens.prefix { $0.id == bos }.count
    let spelling = quoted(String(decoding: tokenizer.piece(bos), as: UTF8.self))
    if written > 1 {
      return [
        TemplateFinding(.warning, rule: "bos-doubled", "the prompt begins with \(spelling) \(written) times")
      ]
    }
    guard written == 0, tokenizer.addsBeginningOfSequence, writesBOS else { return [] }
    return [
      TemplateFinding(
        .warning, rule: "bos-missing",
        "this model expects \(spelling) at the start, but the template does not write it: begin with "
          + "{{ bos_token }}")
    ]
  }

  /// Turn markers that are not one token in the model's vocabulary.
  private func markers(_ prompts: [RenderedPrompt]) -> [TemplateFinding] {
    guard let tokenizer else { return [] }
    var seen: Set<String> = []
    var findings: [TemplateFinding] = []
    for prompt in prompts {
      let bytes = Array(prompt.text.utf8)
      for run in prompt.runs where run.isTrusted {
        for marker in TurnMarkers.all(in: bytes[run.range]) where seen.insert(marker).inserted {
          guard findings.count < PipelineLimits.findings else { return findings }
          let ids = (try? tokenizer.encode(marker, special: .all)) ?? []
          guard ids.count > 1 else { continue }
          findings.append(
            TemplateFinding(
              .warning, rule: "marker-not-special",
              "\(quoted(marker)) is \(ids.count) tokens in this model's vocabulary, not one: the model was "
                + "not trained with it as a marker", place: .init(of: marker, in: template)))
        }
      }
    }
    return findings
  }

  // MARK: -

  /// The text between the assistant's answer and the next message, up to its first marker or line.
  private func turnEnd(_ dialogue: RenderedPrompt) -> String? {
    let bytes = Array(dialogue.text.utf8)
    guard let answer = bytes.firstRange(of: Array(Probe.answer.utf8)),
      let next = bytes[answer.upperBound...].firstRange(of: Array(Probe.followUp.utf8))
    else { return nil }
    let between = bytes[answer.upperBound..<next.lowerBound]
    if let eos = texts.eos, between.drop(while: isSpace).starts(with: eos.utf8) { return eos }
    let text = between.drop(while: isSpace)
    if let marker = TurnMarkers.all(in: text).first, text.starts(with: marker.utf8) { return marker }
    let line = text.prefix { $0 != UInt8(ascii: "\n") }
    return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
  }

  /// Whether an answer stops where `text` begins.
  private func ends(_ text: String) -> Bool {
    if text == texts.eos { return true }
    if template.stopStrings.contains(where: { $0.utf8.contains(text.utf8) || text.utf8.contains($0.utf8) }) {
      return true
    }
    guard let tokenizer, let token = tokenizer.token(for: Array(text.utf8)) else { return false }
    return tokenizer.endOfGeneration.contains(token)
  }

  private func render(
    _ messages: [(role: String, content: String)], generation: Bool = true
  ) throws(ChatError) -> RenderedPrompt {
    try render(messages.map { Message(role: $0.role, content: $0.content) }, generation: generation)
  }

  private func render(_ messages: [Message], generation: Bool) throws(ChatError) -> RenderedPrompt {
    try template.render(
      Conversation(
        messages: messages, addGenerationPrompt: generation, bosToken: texts.bos, eosToken: texts.eos,
        otherTokens: texts.others))
  }

  private func quoted(_ text: String) -> String {
    "'" + MetadataText.short(text, characters: PipelineLimits.quotedCharacters).replacing("\n", with: "\\n")
      + "'"
  }
}

private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0D).contains(byte) }

extension Sequence<UInt8> {
  /// Whether `other` occurs in it.
  fileprivate func contains(_ other: some Collection<UInt8>) -> Bool {
    Array(self).firstRange(of: Array(other)) != nil
  }
}
