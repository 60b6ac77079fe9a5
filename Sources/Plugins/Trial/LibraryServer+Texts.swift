import CWorkbenchPlugin
import Glibc

/// The calls of templates and tokenizers.
extension LibraryServer {
  func render(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let index = try request.int()
    guard templates.indices.contains(index) else { throw .incomprehensible }
    let template = templates[index]
    let image = try ReceivedConversation(&request)
    let output = Output(.text, limit: Limits.promptBytes)
    var answer = try call {
      template.render?(template.context, &image.conversation, output.pointer, $0, $1) ?? Status.failed
    }
    AppendedOutput(output).write(to: &answer)
    return answer
  }

  func encode(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let index = try request.int()
    guard tokenizers.indices.contains(index) else { throw .incomprehensible }
    let tokenizer = tokenizers[index]
    let text = Array(try request.bytes()) + [0]
    let continues = try request.int32()
    var trusted: [wb_range] = []
    for _ in 0..<(try request.count()) {
      trusted.append(wb_range(begin: try request.int(), end: try request.int()))
    }
    // At the end of a page, with the zero byte that is promised, so that a library which reads on is found out.
    guard let room = GuardedMemory(bytes: text.count) else { throw .incomprehensible }
    room.begin(bytes: text.count, isAtEnd: true)
    room.start.copyMemory(from: text, byteCount: text.count)
    let output = Output(.tokens, limit: text.count - 1 + Limits.extraTokens)
    var answer = try call { message, capacity in
      trusted.withUnsafeBufferPointer { ranges in
        var encoding = wb_encoding(
          header: HostTable.header(of: wb_encoding.self),
          text: wb_text(bytes: room.start.assumingMemoryBound(to: CChar.self), count: text.count - 1),
          trusted: ranges.baseAddress, trusted_count: ranges.count, continues_text: continues, reserved: 0)
        return tokenizer.encode?(tokenizer.context, &encoding, output.pointer, message, capacity)
          ?? Status.failed
      }
    }
    AppendedOutput(output).write(to: &answer)
    return answer
  }

  /// Decodes consecutive tokens, up to the first that fails.
  func decode(_ request: inout MessageReader) throws(LibraryEnd) -> MessageWriter {
    let index = try request.int()
    let (first, count) = (try request.int32(), try request.int32())
    guard tokenizers.indices.contains(index), first >= 0, count >= 0 else { throw .incomprehensible }
    let tokenizer = tokenizers[index]
    let output = Output(.bytes, limit: Limits.pieceBytes)
    var answer = MessageWriter()
    for token in first..<first + count {
      output.clear()
      var kind: wb_token_kind = 0
      let status = timed {
        tokenizer.decode?(tokenizer.context, token, &kind, output.pointer) ?? Status.failed
      }
      answer.add(status)
      answer.add(kind)
      AppendedOutput(output).write(to: &answer)
      if status != Status.ok || output.fault != nil { break }
    }
    return answer
  }
}
