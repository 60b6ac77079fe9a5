import CWorkbenchPlugin
import Chat
import Jinja

/// A conversation as structs of the interface, valid while this object lives.
final class ConversationImage {
  private let text: UnsafeMutableBufferPointer<UInt8>
  private let messages: UnsafeMutableBufferPointer<wb_message>
  private let pointers: UnsafeMutableBufferPointer<UnsafePointer<wb_message>?>
  /// The struct that is handed to the plugin.
  private(set) var conversation: wb_conversation

  init(_ source: Conversation) {
    let contents = source.messages.map(\.content.text)
    let json = Self.json(source)
    let specials = [source.bosToken, source.eosToken]
    var sizes = source.messages.map { $0.role.utf8.count + 1 } + contents.map { $0.utf8.count + 1 }
    sizes += specials.map { ($0?.utf8.count ?? 0) + 1 } + [json.count + 1]
    var blob = Blob(bytes: sizes.reduce(0, +))
    let count = source.messages.count
    messages = .allocate(capacity: count)
    // One more, null, so that a library which reads on is found out.
    pointers = .allocate(capacity: count + 1)
    pointers.initializeElement(at: count, to: nil)
    for (index, message) in source.messages.enumerated() {
      let image = wb_message(
        header: HostTable.header(of: wb_message.self), role: blob.add(message.role.utf8),
        content: blob.add(contents[index].utf8))
      messages.initializeElement(at: index, to: image)
      pointers.initializeElement(at: index, to: messages.baseAddress.map { UnsafePointer($0 + index) })
    }
    let absent = wb_text(bytes: nil, count: 0)
    conversation = wb_conversation(
      header: HostTable.header(of: wb_conversation.self), messages: UnsafePointer(pointers.baseAddress),
      message_count: count, add_generation_prompt: source.addGenerationPrompt ? 1 : 0, reserved: 0,
      bos: specials[0].map { blob.add($0.utf8) } ?? absent,
      eos: specials[1].map { blob.add($0.utf8) } ?? absent,
      json: blob.add(json))
    text = blob.buffer
  }

  deinit {
    text.deallocate()
    messages.deallocate()
    pointers.deallocate()
  }

  /// Texts one after the other, each followed by a zero byte.
  private struct Blob {
    let buffer: UnsafeMutableBufferPointer<UInt8>
    var used = 0

    init(bytes: Int) {
      buffer = .allocate(capacity: bytes)
      buffer.initialize(repeating: 0)
    }

    mutating func add(_ bytes: some Collection<UInt8>) -> wb_text {
      let start = used
      for byte in bytes {
        buffer[used] = byte
        used += 1
      }
      used += 1
      let place = buffer.baseAddress.map { UnsafeRawPointer($0 + start).assumingMemoryBound(to: CChar.self) }
      return wb_text(bytes: place, count: used - 1 - start)
    }
  }

  private static func json(_ source: Conversation) -> [UInt8] {
    var fields = Value.Fields()
    fields["messages"] = .list(source.messages.map(\.value))
    fields["tools"] = source.tools ?? Value.none
    fields["add_generation_prompt"] = .bool(source.addGenerationPrompt)
    fields["bos_token"] = source.bosToken.map { .string($0) } ?? Value.none
    fields["eos_token"] = source.eosToken.map { .string($0) } ?? Value.none
    for (name, token) in source.otherTokens.sorted(by: { $0.key < $1.key }) where fields[name] == nil {
      fields[name] = .string(token)
    }
    for (name, value) in source.extra.sorted(by: { $0.key < $1.key }) where fields[name] == nil {
      fields[name] = value
    }
    if let now = source.now { fields["now"] = .int(now) }
    var bytes: [UInt8] = []
    Value.dict(fields).appendJSON(to: &bytes)
    return bytes
  }
}
