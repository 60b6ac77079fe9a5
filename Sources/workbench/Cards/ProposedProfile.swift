import JSON
import Terminal

/// The profile that a model card and a checkpoint's files propose.
struct ProposedProfile {
  /// The values in the order of a profile's file, each with its line.
  private(set) var findings: [Finding] = []

  private static let order = [
    "source", "models", "template", "jinja", "add_bos", "add_generation_prompt", "answer_head", "system",
    "stop",
    "strip", "max_tokens", "samplers.order",
  ]

  /// - Throws: `ClientError` if there is nothing that a profile could hold.
  init(card: CardReader, files: CheckpointFiles?, name: String) throws(ClientError) {
    var found: [String: Finding] = [:]
    // The code's arguments override the checkpoint's defaults, as in transformers.
    for finding in card.findings + (files?.findings ?? []) where found[finding.key] == nil {
      found[finding.key] = finding
    }
    Self.chooseTemplate(card, files, &found)
    Self.chooseSamplers(&found)
    let last = found.keys.filter { !Self.order.contains($0) && $0.hasPrefix("samplers.") }.sorted()
    findings = (Self.order + last).compactMap { found[$0] }
    guard findings.contains(where: { !["source", "models"].contains($0.key) }) else {
      throw ClientError(
        .refused, "'\(name)' says nothing that a profile could hold",
        hint:
          "it has no prompt format, no system message and no arguments of generate; write a profile by hand, "
          + "beginning with 'workbench profile show synthia-7b-v1.3'")
    }
  }

  private static func chooseTemplate(
    _ card: CardReader, _ files: CheckpointFiles?, _ found: inout [String: Finding]
  ) {
    if card.usesChatTemplate || found["jinja"] == nil, let own = files?.template {
      found["jinja"] = own
      if !card.usesChatTemplate { found["add_bos"] = Finding("add_bos", .flag(false), own) }
    } else if card.usesChatTemplate {
      found["jinja"] = nil
    }
    if found["jinja"] != nil { found["template"] = nil }
    // Without the start of the assistant's turn in the prompt, the model writes it.
    guard let call = found["add_generation_prompt"], call.value == .flag(false), isChatML(found) else {
      return
    }
    found["answer_head"] = Finding("answer_head", .text("<|im_start|>assistant\n"), call)
  }

  private static func isChatML(_ found: [String: Finding]) -> Bool {
    if case .text(let text) = found["jinja"]?.value { return text.contains("<|im_start|>") }
    return found["template"]?.value == .text("chatml")
  }

  private static func chooseSamplers(_ found: inout [String: Finding]) {
    let samples = found.removeValue(forKey: "do_sample")
    let numbers = found.values.filter { $0.key.hasPrefix("samplers.") }
    if let samples, samples.value == .flag(false) {
      for number in numbers { found[number.key] = nil }
      found["samplers.temperature"] = Finding("samplers.temperature", .number("0"), samples)
    } else if let line = samples ?? numbers.min(by: { $0.line < $1.line }) {
      found["samplers.order"] = Finding("samplers.order", .text("transformers"), line)
    }
  }

  // MARK: As text

  /// The profile's file; above each value, the line that it came from.
  var yaml: String {
    var text = ""
    var isInSamplers = false
    for finding in findings {
      let parts = finding.key.split(separator: ".")
      let indent = parts.count > 1 ? "  " : ""
      if parts.count > 1, !isInSamplers {
        isInSamplers = true
        text += "samplers:\n"
      }
      text += "\(indent)# \(finding.place): \(finding.shortQuote)\n"
      text += "\(indent)\(parts.last ?? ""): \(Self.yaml(finding.value))\n"
    }
    return text
  }

  /// The values with their lines, as JSON.
  var json: String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("values")
      writer.array { writer in
        for finding in findings {
          writer.object { writer in
            writer.key("key")
            writer.string(finding.key)
            writer.key("value")
            Self.write(finding.value, &writer)
            writer.key("file")
            writer.string(finding.file)
            writer.key("line")
            writer.int(finding.line)
            writer.key("text")
            writer.string(finding.quote)
          }
        }
      }
      writer.key("yaml")
      writer.string(yaml)
    }
    return writer.text
  }

  private static func write(_ value: Finding.Value, _ writer: inout JSONWriter) {
    switch value {
    case .text(let text): writer.string(text)
    case .texts(let texts): writer.array { writer in for text in texts { writer.string(text) } }
    case .number(let number): writer.double(Double(number) ?? 0)
    case .flag(let flag): writer.bool(flag)
    }
  }

  private static func yaml(_ value: Finding.Value) -> String {
    switch value {
    case .text(let text): block(text) ?? quoted(text)
    case .texts(let texts): "[" + texts.map(quoted).joined(separator: ", ") + "]"
    case .number(let number): number
    case .flag(let flag): "\(flag)"
    }
  }

  /// A text of several lines as a block, which can be read; nil where a block could not hold it exactly.
  private static func block(_ text: String) -> String? {
    let isPlain = text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 && $0.value < 0x7F }
    guard isPlain, text.contains("\n"), !text.hasPrefix(" "), !text.hasPrefix("\n"), !text.hasSuffix("\n")
    else {
      return nil
    }
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    return "|-\n" + lines.map { $0.isEmpty ? "" : "  \($0)" }.joined(separator: "\n")
  }

  /// A JSON string, which YAML reads as the same text.
  private static func quoted(_ text: String) -> String {
    var writer = JSONWriter()
    writer.string(text)
    var result = ""
    for scalar in writer.text.unicodeScalars {
      // What YAML takes for the end of a line, or refuses.
      if (0x7F...0x9F).contains(scalar.value) || [0x2028, 0x2029, 0xFEFF].contains(scalar.value) {
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}

extension Finding {
  /// Another value that follows from the same line.
  init(_ key: String, _ value: Value, _ other: Finding) {
    self.init(key, value, file: other.file, line: other.line, quote: other.quote)
  }

  /// The file's name and the line, as compilers print it.
  var place: String { "\(file.split(separator: "/").last ?? ""):\(line)" }

  /// The line as a comment can hold it.
  var shortQuote: String {
    let line = SafeText.oneLine(quote)
    return line.count <= Limits.quotedColumns ? line : line.prefix(Limits.quotedColumns - 3) + "..."
  }
}
