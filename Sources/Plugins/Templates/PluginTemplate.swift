import CWorkbenchPlugin
public import Chat
import Synchronization

/// A prompt template that a library offers.
public struct PluginTemplate: Sendable {
  /// The name that requests use.
  public let name: String
  /// What it is for, in one line.
  public let summary: String
  /// Texts that end the model's turn.
  public let stopStrings: [String]
  /// The name of its plugin.
  public let plugin: String
  /// Cost and faults of its renderings.
  public let health: PluginHealth

  private let table: TemplateTable
  private let settings: PluginSettings

  /// Roles that are trusted like text of the template; any other may be user input.
  private static let usualRoles: Set<String> = [
    "assistant", "developer", "function", "model", "system", "tool", "user",
  ]

  init(
    _ raw: wb_template, plugin: String, _ reader: ForeignReader, _ settings: PluginSettings
  ) throws(PluginError) {
    name = try reader.name(raw.name, "the name of a template")
    summary = try reader.line(raw.summary, "the summary of template '\(name)'")
    stopStrings = try Self.stopStrings(raw, name, reader)
    self.plugin = plugin
    self.settings = settings
    health = PluginHealth()
    let monitor = CallMonitor(
      label: "'\(plugin)', template '\(name)'", settings: settings, health: health)
    table = TemplateTable(
      context: raw.context, render: try reader.function(raw.render, "template '\(name)': render"), monitor)
  }

  private static func stopStrings(
    _ raw: wb_template, _ name: String, _ reader: ForeignReader
  ) throws(PluginError) -> [String] {
    let what = "stop strings of template '\(name)'"
    let limit = Chat.Limits.stopStrings
    guard let array = try reader.array(raw.stop_strings, raw.stop_string_count, limit: limit, what) else {
      return []
    }
    var result: [String] = []
    for index in 0..<Int(raw.stop_string_count) {
      result.append(try reader.text(array[index], "one of the \(what)", limit: Chat.Limits.stopStringBytes))
    }
    return result
  }

  /// Writes a conversation as a prompt.
  ///
  /// - Throws: `PluginFault.refused` if the template is not made for such a conversation, another fault if it fails.
  public func render(_ conversation: Conversation) throws(PluginFault) -> RenderedPrompt {
    let image = ConversationImage(conversation)
    let output = Output(.text, limit: Limits.promptBytes)
    var prompt: RenderedPrompt?
    try table.call(image.conversation, output, budget: settings.renderBudget) { () throws(PluginFault) in
      prompt = try Self.prompt(output, conversation)
    }
    return prompt ?? RenderedPrompt(text: "", spans: [])
  }

  /// The prompt that was appended, after checks of its text and origins.
  private static func prompt(
    _ output: Output, _ conversation: Conversation
  ) throws(PluginFault) -> RenderedPrompt {
    guard let text = String(validating: output.bytes, as: UTF8.self) else {
      throw .notText(offset: validPrefix(output.bytes))
    }
    var spans: [PromptSpan] = []
    var start = 0
    for piece in output.pieces {
      guard piece.end == output.bytes.count || output.bytes[piece.end] & 0xC0 != 0x80 else {
        throw .impossibleOutput("appended a piece that ends inside a character, at byte \(piece.end)")
      }
      let range = start..<piece.end
      start = piece.end
      spans.append(try span(range, piece, conversation))
    }
    return RenderedPrompt(text: text, spans: spans)
  }

  private static func span(
    _ range: Range<Int>, _ piece: Output.Piece, _ conversation: Conversation
  ) throws(PluginFault) -> PromptSpan {
    let origin = Int(piece.origin)
    if origin == WB_LITERAL { return PromptSpan(range: range, isTrusted: true, source: "template") }
    if origin == WB_BOS { return PromptSpan(range: range, isTrusted: true, source: "bos_token") }
    if origin == WB_EOS { return PromptSpan(range: range, isTrusted: true, source: "eos_token") }
    let index = piece.message
    guard conversation.messages.indices.contains(index) else {
      throw .impossibleOutput(
        "appended text of message \(UInt(bitPattern: index)); the number of messages is \(conversation.messages.count)"
      )
    }
    guard origin == WB_ROLE else {
      return PromptSpan(range: range, isTrusted: false, source: "messages[\(index)].content")
    }
    let isTrusted = usualRoles.contains(conversation.messages[index].role)
    return PromptSpan(range: range, isTrusted: isTrusted, source: "messages[\(index)].role")
  }

  /// How many bytes from the beginning are valid UTF-8.
  private static func validPrefix(_ bytes: [UInt8]) -> Int {
    var (low, high) = (0, bytes.count)
    // A prefix that ends inside a character is cut back to the character before it.
    var best = 0
    while low < high {
      let middle = (low + high + 1) / 2
      var end = middle
      while end > 0, end < bytes.count, bytes[end] & 0xC0 == 0x80, middle - end < 4 { end -= 1 }
      if String(validating: bytes[..<end], as: UTF8.self) != nil {
        best = max(best, end)
        low = middle
      } else {
        high = middle - 1
      }
    }
    return best
  }
}

/// The function of a template, called by one thread at a time.
///
/// `@unchecked Sendable`: the library's memory that it points at does not change until the process ends.
private final class TemplateTable: @unchecked Sendable {
  typealias Render =
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<wb_conversation>?, OpaquePointer?,
      UnsafeMutablePointer<CChar>?, Int
    ) -> wb_status

  private let context: UnsafeMutableRawPointer?
  private let function: Render
  private let monitor: CallMonitor
  private let turn = Mutex<Void>(())

  init(context: UnsafeMutableRawPointer?, render: @escaping Render, _ monitor: CallMonitor) {
    self.context = context
    function = render
    self.monitor = monitor
  }

  func call(
    _ conversation: wb_conversation, _ output: Output, budget: UInt64, check: () throws(PluginFault) -> Void
  ) throws(PluginFault) {
    var conversation = conversation
    let result: Result<Void, PluginFault> = turn.withLock { _ in
      do throws(PluginFault) {
        try monitor.work(.render, budget: budget) { message, capacity in
          let status = function(context, &conversation, output.pointer, message, capacity)
          // If the host refused output, that is the fault to report, whatever status the plugin returns.
          return output.fault == nil ? status : Status.ok
        } check: { () throws(PluginFault) in
          if let fault = output.fault { throw fault }
          try check()
        }
        return .success(())
      } catch {
        return .failure(error)
      }
    }
    try result.get()
  }
}
