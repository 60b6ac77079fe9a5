import Tokens

/// The model of a `tokenizer.json`, which turns a piece of text into tokens.
enum TextModel: Sendable {
  case pair(PairModel)
  case unigram(UnigramModel, unknown: Int?, bytes: [Int])
  case wordPiece(WordPieceModel)
  case wordLevel(PieceTable, unknown: Int?)

  /// Memory that is reused from piece to piece.
  struct Scratch {
    let meter: WorkMeter
    let buffer: SymbolBuffer
    var found: [(token: Int, end: Int)] = []
    let unigram: UnigramModel.Scratch

    init() {
      meter = WorkMeter()
      buffer = SymbolBuffer(meter)
      unigram = UnigramModel.Scratch(meter)
    }
  }

  /// Calls `body` with the tokens of the piece `range` of `text`, in order.
  @inline(__always)
  func encode(
    _ text: UnsafeBufferPointer<UInt8>, _ range: Range<Int>, _ scratch: inout Scratch,
    _ body: (Int, Range<Int>) -> Void
  ) throws(TokenizerError) {
    try scratch.meter.spend(range.count)
    switch self {
    case .pair(let model): try model.encode(text, range, scratch.buffer, body)
    case .wordPiece(let model): model.encode(text, range, &scratch.found, body)
    case .wordLevel(let words, let unknown):
      guard let token = words.find(UnsafeBufferPointer(rebasing: text[range])) ?? unknown else {
        throw .unencodable(byte: text[range.lowerBound], offset: range.lowerBound)
      }
      body(token, range)
    case .unigram(let model, let unknown, let bytes):
      try Self.encode(model, unknown, bytes, text, range, scratch.unigram, body)
    }
  }

  /// Encodes with a unigram model; a run of unknown characters is one unknown token, or the tokens of its bytes.
  private static func encode(
    _ model: UnigramModel, _ unknown: Int?, _ bytes: [Int], _ text: UnsafeBufferPointer<UInt8>,
    _ range: Range<Int>, _ scratch: UnigramModel.Scratch, _ body: (Int, Range<Int>) -> Void
  ) throws(TokenizerError) {
    var run: Range<Int>?
    func flush() throws(TokenizerError) {
      guard let pending = run else { return }
      run = nil
      if !bytes.isEmpty, text[pending].allSatisfy({ bytes[Int($0)] >= 0 }) {
        for position in pending { body(bytes[Int(text[position])], position..<(position + 1)) }
      } else if let unknown {
        body(unknown, pending)
      } else {
        throw .unencodable(byte: text[pending.lowerBound], offset: pending.lowerBound)
      }
    }
    try model.encode(text, range, scratch) { (symbol, range) throws(TokenizerError) in
      if case .piece(let piece) = symbol, piece != unknown {
        try flush()
        body(piece, range)
      } else {
        run = (run?.lowerBound ?? range.lowerBound)..<range.upperBound
      }
    }
    try flush()
  }
}
