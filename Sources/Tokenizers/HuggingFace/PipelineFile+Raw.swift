import ModelFormats
import Tokens

extension PipelineFile {
  /// The names in `tokenizer.ggml.pre` of byte-pair vocabularies that spell text without stand-ins for bytes: with "▁"
  /// for spaces, or as words between spaces ("whitespace").
  static let rawRules: Set<String> = ["gemma4", "granite-embed-multi-311m", "sarvam-moe", "whitespace"]

  /// Reads a vocabulary of raw characters, merges and byte tokens, such as llama.cpp's "gemma4".
  init(raw metadata: Metadata, rule: String, defaults: RoleDefaults) throws(TokenizerError) {
    var vocabulary = try Vocabulary(metadata)
    try vocabulary.readRoles(metadata, defaults: defaults)
    var own = PieceTable(capacity: vocabulary.count)
    var added: [AddedTokens.Entry] = []
    for index in 0..<vocabulary.count {
      let piece = vocabulary.pieces[index]
      guard !piece.isEmpty else { continue }
      _ = own.insert(piece, index)
      switch vocabulary.kinds[index] {
      case .control, .unknown: added.append(.init(id: index, content: piece, isSpecial: true))
      case .userDefined: added.append(.init(id: index, content: piece))
      default: break
      }
    }
    var options = PairModel.Options()
    options.unknown = vocabulary.roles.unknown?.index
    options.fusesUnknown = true
    options.fallsBackToBytes = true
    let merges = try Self.rawMerges(metadata, own)
    let mark = SentencePieceModel.space
    let isSpaced = rule == "whitespace"
    var normalizers: [NormalizerStep] = isSpaced ? [] : [.replace(.literal([0x20]), with: mark)]
    if try metadata.flag(MetadataKey.lowercase, default: false) { normalizers.insert(.lowercase, at: 0) }
    if try metadata.flag(MetadataKey.addSpacePrefix, default: false), !isSpaced {
      normalizers.insert(.prepend(mark), at: 0)
    }
    let words = SplitStep.pattern(.automaton(try SplitAutomaton(#"\s"#)), .removed, inverted: false)
    var surroundings = Surroundings()
    let roles = vocabulary.roles
    if roles.addsBeginningOfSequence, let id = roles.beginningOfSequence { surroundings.prefix = [id.index] }
    if roles.addsEndOfSequence, let id = roles.endOfSequence { surroundings.suffix = [id.index] }
    self.init(
      vocabulary: vocabulary, added: added, normalizers: normalizers, splits: isSpaced ? [words] : [],
      decoders: [.replace(.literal(mark), with: [0x20]), .byteFallback, .fuse], surroundings: surroundings,
      model: .pair(try PairModel(vocabulary, own, merges, options)), name: "gemma4/\(rule)")
  }

  private static func rawMerges(
    _ metadata: Metadata, _ own: PieceTable
  ) throws(TokenizerError) -> [PairModel.Merge] {
    let strings = try metadata.merges()
    var merges: [PairModel.Merge] = []
    merges.reserveCapacity(strings.count)
    var joint: [UInt8] = []
    for (rank, string) in strings.enumerated() {
      let merge = string.withUnsafeBufferPointer { bytes -> PairModel.Merge? in
        guard let space = bytes.dropFirst().firstIndex(of: 0x20) else { return nil }
        return PairModel.Merge(
          UnsafeBufferPointer(rebasing: bytes[..<space]),
          UnsafeBufferPointer(rebasing: bytes[(space + 1)...]),
          prefix: 0, own, &joint)
      }
      guard let merge else {
        throw .invalid(
          key: MetadataKey.merges, index: rank,
          reason: "is not two pieces of the vocabulary separated by a space")
      }
      merges.append(merge)
    }
    return merges
  }
}
