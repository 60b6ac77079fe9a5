import CWorkbenchPlugin

/// What a library appended in another process, to be appended here.
struct AppendedOutput {
  private let bytes: [UInt8]
  private let pieces: [Output.Piece]
  private let tokens: [Output.Entry]
  /// Why an append was refused there; nil if none was.
  private let refusal: String?

  init(_ output: Output) {
    (bytes, pieces, tokens) = (output.bytes, output.pieces, output.tokens)
    refusal = output.fault.map { "\($0)" }
  }

  init(_ answer: inout MessageReader) throws(LibraryEnd) {
    let refusal = try answer.text()
    self.refusal = refusal.isEmpty ? nil : refusal
    bytes = Array(try answer.bytes())
    var pieces: [Output.Piece] = []
    for _ in 0..<(try answer.count()) {
      pieces.append(.init(end: try answer.int(), origin: try answer.int32(), message: try answer.int()))
    }
    var tokens: [Output.Entry] = []
    for _ in 0..<(try answer.count()) {
      tokens.append(.init(token: try answer.int32(), begin: try answer.int(), end: try answer.int()))
    }
    (self.pieces, self.tokens) = (pieces, tokens)
  }

  func write(to answer: inout MessageWriter) {
    answer.add(refusal ?? "")
    answer.add(bytes)
    answer.add(pieces.count)
    for piece in pieces {
      answer.add(piece.end)
      answer.add(piece.origin)
      answer.add(piece.message)
    }
    answer.add(tokens.count)
    for token in tokens {
      answer.add(token.token)
      answer.add(token.begin)
      answer.add(token.end)
    }
  }

  /// Repeats the appends, which are checked as a library's own are.
  func append(to output: Output) {
    bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { buffer in
        var start = 0
        for piece in pieces where piece.end >= start && piece.end <= buffer.count {
          let text = buffer.baseAddress.map { $0 + start }
          _ = output.appendText(text, piece.end - start, piece.origin, piece.message)
          start = piece.end
        }
        if pieces.isEmpty && !buffer.isEmpty { _ = output.appendBytes(buffer.baseAddress, buffer.count) }
      }
    }
    for token in tokens { _ = output.appendToken(token.token, token.begin, token.end) }
    if let refusal { output.fail(refusal) }
  }
}
