/// Finds in a model card what a profile can hold: in its code, and in its text what the code does not say.
struct CardReader {
  private let card: CardFile
  /// The findings, strongest first for each key.
  private(set) var findings: [Finding] = []
  /// Whether the code leaves the prompt to the checkpoint's own chat template.
  private(set) var usesChatTemplate = false
  private var formats: [(format: PromptFormat, line: CardFile.Line)] = []
  /// What stands before the system message, such as "SYSTEM: ".
  private var systemHead: String?

  init(_ card: CardFile) {
    self.card = card
    for block in card.blocks where block.isCode {
      for line in block.lines where !PythonLine(line.text).isComment { read(code: line) }
    }
    for block in card.blocks where !block.isCode { read(example: block) }
    for (format, line) in formats {
      var format = format
      if format.systemHead.isEmpty, let systemHead { format.systemHead = systemHead }
      add("jinja", .text(format.jinja), line)
    }
    if usesChatTemplate { findNamedFormat() }
  }

  private mutating func add(_ key: String, _ value: Finding.Value, _ line: CardFile.Line) {
    findings.append(Finding(key, value, card, line))
  }

  // MARK: Code

  private mutating func read(code line: CardFile.Line) {
    let python = PythonLine(line.text)
    findName(python, line)
    findPrompt(python, line)
    findAnswer(python, line)
    for (name, value) in GenerationNumbers.all.compactMap({ name in python.value(of: name).map { (name, $0) }
    }) {
      guard let (key, value) = GenerationNumbers.finding(name, value) else { continue }
      add(key, value, line)
    }
  }

  private mutating func findName(_ python: PythonLine, _ line: CardFile.Line) {
    guard python.contains("from_pretrained(") || python.contains("model") && python.contains("=") else {
      return
    }
    for literal in python.literals {
      guard let text = literal.text, !text.hasPrefix("."), !text.hasPrefix("/") else { continue }
      let parts = text.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isNamePart) }) else {
        continue
      }
      add("source", .text("https://huggingface.co/\(text)"), line)
      add("models", .texts([parts[1].lowercased()]), line)
    }
  }

  private static func isNamePart(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber || "-_.".contains(character))
  }

  private mutating func findPrompt(_ python: PythonLine, _ line: CardFile.Line) {
    if python.contains("apply_chat_template(") {
      usesChatTemplate = true
      let adds = python.value(of: "add_generation_prompt") == "True"
      add("add_generation_prompt", .flag(adds), line)
      add("add_bos", .flag(false), line)
    } else if python.contains("tokenizer.encode(") || python.contains("tokenizer(") {
      add("add_bos", .flag(python.value(of: "add_special_tokens") != "False"), line)
    }
    for literal in python.literals where literal.isFormat || literal.text?.contains(": ") == true {
      if literal.pieces.count == 1 {
        findSystem(literal.pieces[0], line)
      } else if let format = PromptFormat(placeholders: literal.pieces) {
        formats.append((format, line))
      }
    }
  }

  /// A text such as "SYSTEM: You are ...", with which a conversation begins.
  private mutating func findSystem(_ text: String, _ line: CardFile.Line) {
    guard let label = PromptFormat.label(of: text), label.lowercased().contains("system") else { return }
    add("system", .text(String(text.dropFirst(label.count))), line)
    systemHead = systemHead ?? label
  }

  private mutating func findAnswer(_ python: PythonLine, _ line: CardFile.Line) {
    if python.contains(".split("), python.contains(")[0]"),
      let text = python.literals.compactMap(\.text).first,
      !text.isEmpty
    {
      add("stop", .texts([text]), line)
      if python.contains(".strip()") { add("strip", .flag(true), line) }
    }
  }

  // MARK: Text

  /// A block that shows a system message or a prompt.
  private mutating func read(example block: CardFile.Block) {
    let heading = block.before.joined(separator: " ").lowercased()
    guard let first = block.lines.first else { return }
    let text = block.lines.map(\.text).joined(separator: "\n")
    let saysFormat = ["prompt format", "prompt template", "instruction format", "chat format"].contains {
      heading.contains($0)
    }
    if saysFormat, let format = PromptFormat(example: text) {
      formats.append((format, first))
      if let system = format.system { add("system", .text(system), first) }
    } else if heading.contains("system message") || heading.contains("system prompt") {
      add("system", .text(text.trimmed), first)
    }
  }

  /// A format that the text names, such as ChatML.
  private mutating func findNamedFormat() {
    let known = [
      ("chatml", "chatml"), ("alpaca", "alpaca"), ("vicuna", "vicuna"), ("zephyr", "zephyr"),
      ("llama-2", "llama-2"),
      ("llama 2", "llama-2"),
    ]
    for line in card.lines where line.block == nil {
      let text = line.text.lowercased()
      guard text.contains("format") || text.contains("template") else { continue }
      for (spelling, template) in known where text.contains(spelling) {
        return add("template", .text(template), line)
      }
    }
  }
}
