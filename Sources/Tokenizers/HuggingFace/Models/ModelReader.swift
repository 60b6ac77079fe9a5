import JSON
import Tokens
import Units

/// Reads the `model` of a `tokenizer.json`: first its pieces and, once added tokens have their ids, the rest.
struct ModelReader {
  private let value: JSONValue
  private let name: String
  /// The pieces by id; places without one are empty.
  private(set) var pieces: [[UInt8]] = []
  private(set) var kinds: [TokenKind] = []
  /// The pieces of the model itself.
  private(set) var own = PieceTable(capacity: 1 << 10)
  /// The number of pieces of the model itself, counted as in the library that writes such files.
  var modelCount: Int { name == "Unigram" ? scores.count : own.count }
  /// The id of the model's unknown piece.
  private(set) var unknown: Int?
  private var lacksUnknown = false
  private var scores: [Double] = []
  private var totalBytes = 0

  private static let names = ["BPE", "Unigram", "WordLevel", "WordPiece"]

  /// Reads the pieces of the model `value`, which is of the kind `name`.
  init(_ value: JSONValue, _ name: String) throws(TokenizerError) {
    self.value = value
    self.name = name
    guard Self.names.contains(name) else { throw .unsupported(what: "model", name: name, known: Self.names) }
    let room = (try value.member("vocab")?.valueCount ?? 0) / (name == "Unigram" ? 3 : 2)
    own = PieceTable(capacity: room)
    pieces.reserveCapacity(room)
    kinds.reserveCapacity(room)
    if name == "Unigram" { try readScored() } else { try readNamed() }
    guard !pieces.isEmpty else { throw value.error("the vocabulary has no pieces") }
  }

  /// Gives `piece` the id `id`, which must be free.
  mutating func place(_ piece: [UInt8], _ id: Int, _ source: JSONValue) throws(TokenizerError) {
    guard id >= 0 else { throw source.error("the id \(id) is negative") }
    guard id < Limits.vocabularySize else {
      throw .limit(
        name: "vocabularySize", found: id.addingReportingOverflow(1).partialValue,
        maximum: Limits.vocabularySize)
    }
    totalBytes += piece.count
    guard totalBytes <= Limits.vocabularyBytes else {
      throw .limit(name: "vocabularyBytes", found: totalBytes, maximum: Limits.vocabularyBytes)
    }
    if id == pieces.count {
      pieces.append(piece)
      kinds.append(.normal)
      return
    }
    if id > pieces.count {
      pieces += Array(repeating: [], count: id + 1 - pieces.count)
      kinds += Array(repeating: .unused, count: id + 1 - kinds.count)
    }
    guard kinds[id] == .unused else { throw source.error("the id \(id) occurs twice") }
    pieces[id] = piece
    kinds[id] = .normal
  }

  private mutating func readNamed() throws(TokenizerError) {
    try value.required("vocab").forEachMember { (key, id) throws(TokenizerError) in
      let piece = try key.bytes()
      let number = try id.integer()
      try place(piece, number, id)
      guard own.insert(piece, number) == nil else { throw key.error("the piece occurs twice") }
    }
    guard let name = try value.member("unk_token")?.bytes() else { return }
    unknown = own.find(name)
    lacksUnknown = unknown == nil
  }

  private mutating func readScored() throws(TokenizerError) {
    try value.required("vocab").forEachElement { (entry) throws(TokenizerError) in
      let (first, second) = try entry.pair("expected a pair of a piece and its score")
      let piece = try first.bytes()
      let score = try second.number()
      guard !score.isNaN else { throw second.error("is not a number") }
      scores.append(score)
      try place(piece, pieces.count, entry)
    }
    // Of equal pieces the last counts, and the table keeps the first that is added.
    for index in pieces.indices.reversed() { _ = own.insert(pieces[index], index) }
    guard let id = try value.member("unk_id") else { return }
    let number = try id.integer()
    guard pieces.indices.contains(number) else {
      throw id.error("unk_id is \(number), but the vocabulary has \(counted(pieces.count, "piece"))")
    }
    unknown = number
  }

  /// The model, which encodes to the ids of `vocabulary`.
  func model(_ vocabulary: Vocabulary, readsBytes: Bool) throws(TokenizerError) -> TextModel {
    switch name {
    case "BPE": return .pair(try pair(vocabulary, readsBytes))
    case "Unigram": return try unigram()
    case "WordPiece": return try wordPiece()
    default: return .wordLevel(own, unknown: unknown)
    }
  }

  private func pair(_ vocabulary: Vocabulary, _ readsBytes: Bool) throws(TokenizerError) -> PairModel {
    var options = PairModel.Options()
    options.unknown = unknown
    options.lacksUnknown = lacksUnknown
    options.prefix = try value.member("continuing_subword_prefix")?.shortBytes() ?? []
    options.suffix = try value.member("end_of_word_suffix")?.shortBytes() ?? []
    options.fusesUnknown = try value.flag("fuse_unk", default: false)
    options.fallsBackToBytes = try value.flag("byte_fallback", default: false)
    options.ignoresMerges = try value.flag("ignore_merges", default: false)
    options.readsBytes = readsBytes
    if let dropout = try value.member("dropout")?.number(), dropout != 0 {
      throw .unsupported(what: "dropout", name: "\(dropout)", known: ["0"])
    }
    return try PairModel(vocabulary, own, try merges(prefix: options.prefix.count), options)
  }

  /// The merges, each a string with a space in it or a pair of strings.
  private func merges(prefix: Int) throws(TokenizerError) -> [PairModel.Merge] {
    let list = try value.required("merges")
    var result: [PairModel.Merge] = []
    result.reserveCapacity(own.count)
    var joint: [UInt8] = []
    try list.forEachElement { (merge) throws(TokenizerError) in
      guard result.count < Limits.merges else {
        throw .limit(name: "merges", found: result.count + 1, maximum: Limits.merges)
      }
      var found: PairModel.Merge?
      if merge.kind == .string {
        var isVersion = false
        try merge.withBytes { (bytes) throws(TokenizerError) in
          // The first line of the older merges.txt, which some files keep.
          isVersion = result.isEmpty && bytes.starts(with: "#version".utf8)
          guard !isVersion else { return }
          guard let space = bytes.firstIndex(of: 32), !bytes[(space + 1)...].contains(32) else {
            throw merge.error("is not two pieces separated by a space")
          }
          found = PairModel.Merge(
            UnsafeBufferPointer(rebasing: bytes[..<space]),
            UnsafeBufferPointer(rebasing: bytes[(space + 1)...]),
            prefix: prefix, own, &joint)
        }
        guard !isVersion else { return }
      } else {
        let (first, second) = try merge.pair("is not two pieces")
        try first.withBytes { (left) throws(TokenizerError) in
          try second.withBytes { (right) throws(TokenizerError) in
            found = PairModel.Merge(left, right, prefix: prefix, own, &joint)
          }
        }
      }
      guard let found else {
        throw .invalid(
          key: "model.merges", index: result.count, reason: "has a piece that is not in the vocabulary")
      }
      result.append(found)
    }
    return result
  }

  private func unigram() throws(TokenizerError) -> TextModel {
    var entries: [(piece: [UInt8], value: Int32)] = []
    entries.reserveCapacity(scores.count)
    for (index, score) in scores.enumerated() where !pieces[index].isEmpty && score > -.infinity {
      guard own.find(pieces[index]) == index else { continue }
      entries.append((pieces[index], Int32(index)))
    }
    let worst = scores.min() ?? 0
    let model = try UnigramModel(entries, scores: scores, worst: worst, isSingle: false)
    var bytes: [Int] = []
    if try value.flag("byte_fallback", default: false) {
      bytes = (0...255).map { own.find(ByteToken.spelling(of: UInt8($0))) ?? -1 }
    }
    return .unigram(model, unknown: unknown, bytes: bytes)
  }

  private func wordPiece() throws(TokenizerError) -> TextModel {
    let prefix = try value.member("continuing_subword_prefix")?.shortBytes() ?? Array("##".utf8)
    let maximum = try value.member("max_input_chars_per_word")?.integer() ?? 100
    guard let unknown else { throw value.error("its unk_token is not in the vocabulary") }
    var first: [(piece: [UInt8], value: Int32)] = []
    var continuing: [(piece: [UInt8], value: Int32)] = []
    first.reserveCapacity(own.count)
    for (index, piece) in pieces.enumerated() where !piece.isEmpty && own.find(piece) == index {
      first.append((piece, Int32(index)))
      if piece.count > prefix.count, piece.starts(with: prefix) {
        continuing.append((Array(piece.dropFirst(prefix.count)), Int32(index)))
      }
    }
    let model = try WordPieceModel(
      first: first, continuing: continuing, unknown: unknown, maximumCharacters: maximum)
    return .wordPiece(model)
  }
}
