import CWorkbenchPlugin

/// A conversation that a trial sent, as structs of the interface.
final class ReceivedConversation {
  var conversation: wb_conversation
  private var texts: [UnsafeMutablePointer<CChar>] = []
  private let messages: UnsafeMutablePointer<wb_message>
  private let pointers: UnsafeMutablePointer<UnsafePointer<wb_message>?>

  init(_ request: inout MessageReader) throws(LibraryEnd) {
    var texts: [UnsafeMutablePointer<CChar>] = []
    func text() throws(LibraryEnd) -> wb_text {
      let bytes = try request.bytes()
      let place = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
      for (offset, byte) in bytes.enumerated() { place[offset] = CChar(bitPattern: byte) }
      place[bytes.count] = 0
      texts.append(place)
      return wb_text(bytes: place, count: bytes.count)
    }
    func optional() throws(LibraryEnd) -> wb_text {
      try request.flag() ? try text() : wb_text(bytes: nil, count: 0)
    }
    let prompt = try request.int32()
    let (bos, eos, json) = (try optional(), try optional(), try text())
    let count = try request.count()
    messages = .allocate(capacity: count)
    // One more, null, so that a library which reads on is found out.
    pointers = .allocate(capacity: count + 1)
    pointers.initialize(repeating: nil, count: count + 1)
    for index in 0..<count {
      let header = HostTable.header(of: wb_message.self)
      (messages + index).initialize(to: wb_message(header: header, role: try text(), content: try text()))
      pointers[index] = UnsafePointer(messages + index)
    }
    conversation = wb_conversation(
      header: HostTable.header(of: wb_conversation.self), messages: UnsafePointer(pointers),
      message_count: count, add_generation_prompt: prompt, reserved: 0, bos: bos, eos: eos, json: json)
    self.texts = texts
  }

  deinit {
    for text in texts { text.deallocate() }
    messages.deallocate()
    pointers.deallocate()
  }
}
