import ArgumentParser
import SwiftProtobuf
import Terminal
import WorkbenchAPI

/// Answers a prompt, or talks.
struct Chat: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Answer a prompt, or hold a conversation.",
    usage: "workbench chat [<options>] [MODEL] [PROMPT ...]",
    discussion: """
      If the first word is the name of a loaded model, that model answers; otherwise all words are the \
      prompt, and the only loaded model answers. With --model all words are the prompt. Without a \
      prompt, piped input becomes the prompt; with one, standard input is read only if the last word is -, \
      and follows the prompt after an empty line. Without a prompt, on a terminal, a conversation begins; \
      type /help in it to list its commands. Control-C stops the answer, a second one ends the \
      program.

      The daemon can keep conversations. --continue continues the one named by the first word, or else the one changed \
      last; --conversation NAME continues NAME, or starts it if it does not exist.

      Examples:
        workbench chat "Why is the sky blue?"
        workbench chat smollm                       a conversation
        workbench chat --model smollm smollm        says "smollm" to smollm
        workbench chat smollm "Summarize:" - < notes.txt
        workbench chat --template alpaca --temperature 0 --seed 1 --verbose "Hello"
        workbench chat --stage top_k:top_k=40 --stage dist "Hello"
        workbench chat --messages conversation.json --json
        workbench chat --conversation trip "Where should I go in May?"
        workbench chat --continue trip "And in June?"
        workbench chat --var enable_thinking=false "Hello"
      """)

  @Argument(
    help: "Model name (optional) and prompt; several words are joined with spaces.",
    completion: Completions.models)
  var words: [String] = []

  @Option(
    name: .shortAndLong, help: "Model to use (default: the only loaded one).", completion: Completions.models)
  var model: String?

  @Option(
    name: .shortAndLong, help: "Template to use (default: the model's).", completion: Completions.templates)
  var template: String?

  @Option(name: .shortAndLong, parsing: .unconditional, help: "System message, placed first.")
  var system: String?

  @Flag(
    name: [.customLong("continue"), .customShort("c")],
    help:
      "Continue a kept conversation: the one named by the first word, or the one changed last.")
  var continues = false

  @Option(
    name: [.customLong("conversation")],
    help: ArgumentHelp(
      "Kept conversation to continue; it is started if it does not exist.", valueName: "name"),
    completion: Completions.conversations)
  var stored: String?

  @OptionGroup(title: "Template") var given: TemplateArguments
  @OptionGroup(title: "Generation") var generation: GenerationArguments
  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func validate() throws {
    if continues, stored != nil {
      throw ValidationError("--continue and --conversation cannot both be given")
    }
    if continues || stored != nil, given.messages != nil {
      throw ValidationError(
        "--messages cannot be used with a conversation of the daemon; 'conversation append' adds messages to it"
      )
    }
  }

  /// The conversation of the daemon to go on with, and the words that do not name it; nil for none.
  private func storedConversation(
    _ client: Client
  ) async throws(ClientError) -> (conversation: ProtoGetConversationResponse?, words: [String]) {
    if let stored { return (try await client.storedOrNew(stored), words) }
    guard continues else { return (nil, words) }
    if let first = words.first {
      do throws(ClientError) {
        return (try await client.storedConversation(first), Array(words.dropFirst()))
      } catch {
        guard error.status == .notFound else { throw error }
      }
    }
    return (try await client.lastStoredConversation(), words)
  }

  /// The conversation that the arguments begin; reads the files that they name.
  func conversation(model: String) throws -> Conversation {
    var conversation = Conversation(model: model)
    conversation.template = template
    conversation.system = system
    conversation.options = generation.options
    let file = try given.conversation()
    if file.bosToken != nil || file.eosToken != nil {
      throw ValidationError("'chat' uses the model's bos_token and eos_token; remove them from --messages")
    }
    conversation.toolsJSON = file.toolsJSON
    conversation.variablesJSON = file.variables.json
    conversation.addGenerationPrompt = file.addGenerationPrompt
    conversation.ignoresUnused = given.ignoreUnused
    if given.messages != nil {
      conversation.messages = file.messages
      if system != nil, conversation.messages.contains(where: { $0.role == "system" }) {
        throw ValidationError("--system cannot be used with a system message in --messages")
      }
    }
    return conversation
  }

  /// The prompt; nil to begin a conversation, or where --messages has it.
  func prompt(_ words: [String]) throws -> String? {
    if given.messages == "-", words.last == "-" {
      throw ValidationError("--messages and the prompt cannot both be standard input")
    }
    if given.messages != nil, words.isEmpty { return nil }
    return try PromptInput.read(words, dropsLastNewline: true)
  }

  func run() async throws {
    let printer = AnswerPrinter(
      json: format.json, verbose: generation.verbose, logprobs: generation.logprobs != nil)
    try await connection.withClient { client in
      let (stored, rest) = try await storedConversation(client)
      let (model, words) = try await client.modelAndText(model, rest)
      var conversation = try conversation(model: model)
      if let stored {
        conversation.take(stored)
        if let system {
          guard stored.messages.isEmpty else {
            throw ValidationError(
              "--system cannot be used with a conversation that has begun; /system in it changes its system message"
            )
          }
          conversation.setSystem(system)
        }
      }
      let prompt = try prompt(words)
      if prompt == nil, given.messages == nil {
        var loop = ConversationLoop(client: client, conversation: conversation, printer: printer)
        return try await loop.run()
      }
      if let prompt { conversation.ask(prompt) }
      let answer = try await printer.run(client, GenerationMethods.chat, conversation.request)
      if answer.interrupted { throw ClientError.interrupted }
    }
  }
}
