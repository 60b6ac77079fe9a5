import JSON

/// What a checkpoint's `tokenizer.model` or `tokenizer.json` says beside its pieces and their roles, in the terms of a
/// GGUF file.
struct VocabularySource {
  /// The names for `tokenizer.ggml.model`.
  enum Family: String {
    /// SentencePiece's byte-pair encoding, which merges by score.
    case llama
    /// Byte-level byte-pair encoding.
    case gpt2
    /// SentencePiece's Unigram.
    case t5
  }

  let family: Family
  /// The name for `tokenizer.ggml.pre`.
  private(set) var rule = "default"
  /// Merges by rank, each two pieces with a space between.
  private(set) var merges: [[UInt8]] = []
  /// Scores of pieces; the best is merged first.
  private(set) var scores: [[UInt8]: Float] = [:]
  /// The score of pieces without one.
  private(set) var worst: Float = 0
  /// Whether a space is put in front of a text.
  private(set) var addsSpacePrefix = false
  private(set) var removesExtraSpaces = false
  private(set) var charsmap: [UInt8] = []
  /// Whether characters without a piece become bytes.
  private(set) var hasBytes = false

  /// Reads a `tokenizer.model`; `config` is what the files beside it say.
  init(_ file: SentencePieceFile, _ config: TokenizerConfig, path: String) throws(TokenizerError) {
    switch file.kind {
    case .bytePair: family = .llama
    case .unigram where !file.fallsBackToBytes: family = .t5
    case .unigram: throw Self.refusal(path, "model type", "Unigram with byte fallback")
    case .word: throw Self.refusal(path, "model type", "word")
    case .character: throw Self.refusal(path, "model type", "character")
    }
    guard !file.treatsSpaceAsSuffix else { throw Self.refusal(path, "setting", "treat_whitespace_as_suffix") }
    guard file.escapesSpaces else { throw Self.refusal(path, "setting", "escape_whitespaces: false") }
    for (piece, score) in zip(file.pieces, file.scores) { scores[piece] = score }
    worst = file.scores.min() ?? 0
    addsSpacePrefix = file.addsDummyPrefix && config.addsPrefixSpace
    removesExtraSpaces = file.removesExtraSpaces
    charsmap = file.charsmap
    hasBytes = file.fallsBackToBytes
  }

  /// Reads the outermost object of a `tokenizer.json`.
  init(_ root: JSONValue, path: String) throws(TokenizerError) {
    let model = try root.required("model")
    let type = try model.member("type")?.text() ?? "BPE"
    guard type == "BPE" else { throw Self.refusal(path, "model", type) }
    for key: StaticString in ["continuing_subword_prefix", "end_of_word_suffix"] {
      guard let affix = try model.member(key)?.text(), !affix.isEmpty else { continue }
      throw Self.refusal(path, "\(key)", affix)
    }
    let normalizers = try Self.steps(try root.member("normalizer"), "normalizers")
    let splits = try Self.steps(try root.member("pre_tokenizer"), "pretokenizers")
    let pairs = try Self.pairs(try model.required("merges"))
    if splits.last?.name == "ByteLevel", let value = try root.member("pre_tokenizer") {
      family = .gpt2
      if let step = normalizers.first(where: { !Self.forms.contains($0.name) }) {
        throw Self.refusal(path, "normalizer", step.name)
      }
      let ignoresMerges = try model.flag("ignore_merges", default: false)
      rule = try RuleSearch(value, splits, path: path).rule(ignoresMerges: ignoresMerges)
      merges = pairs.map { $0.left + [0x20] + $0.right }
    } else {
      family = .llama
      hasBytes = try model.flag("byte_fallback", default: false)
      addsSpacePrefix = try Self.addsSpace(normalizers, splits, path)
      for (rank, pair) in pairs.enumerated() {
        let piece = pair.left + pair.right
        if scores[piece] == nil { scores[piece] = -Float(rank) }
      }
      worst = -Float(pairs.count)
    }
  }

  /// An error about a part of the file.
  static func refusal(_ path: String, _ part: String, _ name: String) -> TokenizerError {
    .file(path: path, reason: "its \(part) is '\(name)', which cannot be written as a vocabulary of GGUF")
  }

  // MARK: Parts of a tokenizer.json

  /// A normalizer or pre-tokenizer with its type.
  struct Step {
    let name: String
    let value: JSONValue
  }

  /// Normalizers that change few texts; what they change shows when the vocabularies are compared.
  private static let forms: Set<String> = ["NFC", "NFD", "NFKC", "NFKD"]

  /// The steps of a part, those of sequences in their order.
  private static func steps(_ part: JSONValue?, _ key: StaticString) throws(TokenizerError) -> [Step] {
    guard let part else { return [] }
    let name = try part.required("type").text()
    guard name == "Sequence" else { return [Step(name: name, value: part)] }
    var steps: [Step] = []
    for step in try part.required(key).list() { steps += try Self.steps(step, key) }
    return steps
  }

  private static func pairs(_ list: JSONValue) throws(TokenizerError) -> [(left: [UInt8], right: [UInt8])] {
    var pairs: [(left: [UInt8], right: [UInt8])] = []
    try list.forEachElement { (merge) throws(TokenizerError) in
      guard merge.kind == .string else {
        let (left, right) = try merge.pair("expected two pieces")
        return pairs.append((try left.bytes(), try right.bytes()))
      }
      let bytes = try merge.bytes()
      // The first line of the older merges.txt, which some files keep.
      if pairs.isEmpty, bytes.starts(with: "#version".utf8) { return }
      guard let space = bytes.firstIndex(of: 0x20) else {
        throw merge.error("is not two pieces separated by a space")
      }
      pairs.append((Array(bytes[..<space]), Array(bytes[(space + 1)...])))
    }
    return pairs
  }

  /// Whether the steps of a SentencePiece vocabulary put a space in front of a text; all of them write "▁" for spaces.
  private static func addsSpace(
    _ normalizers: [Step], _ splits: [Step], _ path: String
  ) throws(TokenizerError) -> Bool {
    var adds = false
    var replaces = false
    for step in normalizers where !forms.contains(step.name) && step.name != "Precompiled" {
      switch step.name {
      case "Prepend" where try step.value.required("prepend").bytes() == SentencePieceModel.space: adds = true
      case "Replace" where try isMark(step.value): replaces = true
      default: throw refusal(path, "normalizer", step.name)
      }
    }
    for step in splits {
      guard step.name == "Metaspace",
        case .metaspace(SentencePieceModel.space, let scheme, _) = try split(step)
      else { throw refusal(path, "pre_tokenizer", step.name) }
      replaces = true
      adds = adds || scheme != .never
    }
    guard replaces else { throw refusal(path, "pre_tokenizer", "none") }
    return adds
  }

  /// Whether a step replaces spaces by "▁".
  private static func isMark(_ replace: JSONValue) throws(TokenizerError) -> Bool {
    guard case .literal([0x20]) = try TextPattern(try replace.required("pattern")) else { return false }
    return try replace.required("content").bytes() == SentencePieceModel.space
  }

  private static func split(_ step: Step) throws(TokenizerError) -> SplitStep? {
    var steps: [SplitStep] = []
    try SplitStep.read(step.value, into: &steps)
    return steps.first
  }
}
