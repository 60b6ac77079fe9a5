import Glibc
import Terminal
import WorkbenchAPI

/// A conversation on a terminal: reads lines, answers messages and obeys commands until the user leaves.
struct ConversationLoop {
  let client: Client
  let console = Console.current
  private let historyFile: HistoryFile?
  var conversation: Conversation
  /// The conversation as it was sent last; nil before the first message.
  private var sent: Conversation?
  private var printer: AnswerPrinter
  private var reader: LineReader
  private var assembler = PromptAssembler()

  /// A loop over a conversation, which may have messages already.
  init(client: Client, conversation: Conversation, printer: AnswerPrinter) {
    self.client = client.forConversation
    self.conversation = conversation
    self.printer = printer
    historyFile = Self.historyPath().map { HistoryFile(path: $0) }
    // The prompt must not end up in a file that the answers are written to.
    let output = isTerminal(console.output) ? console.output : console.error
    reader = LineReader(input: console.input, output: output, history: historyFile?.load() ?? History())
  }

  /// Runs until the user leaves; throws only what ends the conversation.
  mutating func run() async throws {
    let template = conversation.template.map { " with template \($0)" } ?? ""
    let place = conversation.stored.map { " in \($0.title)" } ?? ""
    console.note(
      "chatting with \(conversation.model)\(template)\(place); /help lists commands, Control-D quits\n")
    if conversation.question != nil {
      console.note("the last question has no answer; /retry asks it again\n")
    }
    while true {
      let prompt = assembler.isOpen ? "... " : ">>> "
      var reader = self.reader
      let line = console.interrupts.leaving { reader.readLine(prompt: prompt) }
      self.reader = reader
      switch line {
      case .line(let line):
        guard try await take(line) else { return }
      case .endOfInput: return
      case .interrupted(let text):
        // As in a shell, Control-C first discards what was being written.
        if text.isEmpty, !assembler.isOpen { throw ClientError.interrupted }
        assembler.reset()
      case .notUTF8(let byte):
        console.complain(ClientError(.usage, "the line is not UTF-8 at byte \(byte); it was not sent"))
      }
    }
  }

  /// Obeys one line; false when the user leaves.
  private mutating func take(_ line: String) async throws -> Bool {
    if reader.history.add(line) { historyFile?.append(line) }
    switch assembler.add(line) {
    case .more, .nothing: return true
    case .message(let text):
      conversation.ask(text)
      try await answer(orElse: conversation)
      return true
    case .command(let line):
      do {
        let command = try SlashCommand(parsing: line)
        if command == .quit { return false }
        try await perform(command)
      } catch let error as ClientError where error.status != .brokenPipe {
        console.complain(error)
      }
      return true
    }
  }

  /// Answers the question and keeps the answer; without one, the conversation is `kept`.
  private mutating func answer(orElse kept: Conversation) async throws {
    sent = conversation
    do {
      let answer = try await printer.run(client, GenerationMethods.chat, conversation.request)
      if answer.text.isEmpty, answer.interrupted {
        conversation = kept
      } else {
        conversation.keep(answer: answer.text)
      }
      if conversation.stored != nil, !conversation.isStored(as: answer.finish) { await readAgain() }
    } catch var error as ClientError where error.status != .brokenPipe {
      conversation = kept
      let again = "/retry asks again"
      error.hint = error.hint.map { "\($0); \(again)" } ?? again
      console.complain(error)
      if conversation.stored != nil { await readAgain() }
    }
  }

  /// Takes the conversation as the daemon has it: an answer was cut off, or somebody else has changed it.
  private mutating func readAgain() async {
    guard let stored = conversation.stored else { return }
    let unanswered = conversation.question
    do throws(ClientError) {
      let response = try await client.storedConversation(stored.id)
      guard response.conversation.version != stored.version else { return }
      conversation.take(response)
      if conversation.question == nil { conversation.question = unanswered }
    } catch {
      console.complain(error)
    }
  }

  private mutating func perform(_ command: SlashCommand) async throws {
    switch command {
    case .help: try console.print(SlashCommand.help(columns: console.columns))
    case .template(nil): try await listTemplates()
    case .template(.some(let name)): try await swapTemplate(name)
    case .system(let text):
      conversation.setSystem(text)
      console.note("system message \(text == nil ? "cleared" : "set")\n")
    case .set(let name, let value):
      try Setting.apply(name, value, to: &conversation.options)
      printer.logprobs = conversation.options.hasTopLogprobs
      console.note("\(name) \(value)\n")
    case .clear:
      conversation.clear()
      sent = nil
      console.note("conversation cleared\n")
    case .show: try console.print(conversation.summary)
    case .prompt(let text): try await showPrompt(text)
    case .retry:
      let kept = conversation
      try conversation.reopen()
      try await answer(orElse: kept)
    case .undo: try await undo()
    case .save(let name): try await save(name)
    case .load(let name):
      conversation.take(try await client.storedConversation(name))
      sent = nil
      console.note("now in \(conversation.stored?.title ?? name)\n")
    case .fork(let name): try await fork(name)
    case .verbose:
      printer.verbose.toggle()
      console.note("statistics \(printer.verbose ? "on" : "off")\n")
    case .quit: break
    }
  }

  private func listTemplates() async throws {
    var response = try await client.templates(of: conversation.model)
    if let template = conversation.template { response.modelTemplate = template }
    try console.print(TemplateText.table(response))
  }

  /// Changes the template; a wrong name is an error now, not at the next message.
  private mutating func swapTemplate(_ name: String) async throws {
    var request = ProtoGetTemplateRequest()
    request.name = name
    request.model = conversation.model
    let response = try await client.call(TemplatesMethods.get, request)
    conversation.template = name
    console.note("now using template \(response.template.name.isEmpty ? name : response.template.name)\n")
  }

  /// Shows the prompt that a message would make, or without one the prompt that was sent last.
  private func showPrompt(_ message: String?) async throws {
    var shown = conversation
    if let message {
      shown.ask(message)
    } else if let sent {
      shown = sent
    } else {
      throw ClientError(
        .usage, "no prompt has been sent yet", hint: "/prompt MESSAGE shows the one that MESSAGE would make")
    }
    let text = try await client.call(TemplatesMethods.render, shown.renderRequest).text
    console.note(
      message == nil ? "the prompt that was sent last:\n" : "the prompt that this message would make:\n")
    try console.print(text)
    try console.endText(after: text)
  }

  /// `$XDG_STATE_HOME/workbench/history`, or the same under `~/.local/state`.
  static func historyPath() -> String? {
    if let state = DefaultAddress.environment("XDG_STATE_HOME"), state.hasPrefix("/") {
      return state + "/workbench/history"
    }
    return DefaultAddress.environment("HOME").map { $0 + "/.local/state/workbench/history" }
  }
}

extension Conversation {
  /// What `/show` prints.
  var summary: String {
    var fields = Fields()
    fields.add("model", model)
    fields.add("template", template ?? "the model's")
    fields.add("system", system ?? "none")
    fields.add("kept as", stored?.name ?? "")
    fields.add("messages", "\(messages.count)" + (question == nil ? "" : ", and one without an answer"))
    for setting in Setting.all {
      if let value = setting.get(options) { fields.add(setting.name, value) }
    }
    return fields.text
  }
}
