import JSON

/// Finds the name that GGUF has for the pre-tokenizers of a byte-level vocabulary.
///
/// llama.cpp's conversion script knows them by the tokens of a check text; here they are known by their patterns, or
/// else by where they cut such a text.
struct RuleSearch {
  private let splitter: Splitter
  /// The patterns as the rules of GGUF spell them; nil: a step has none.
  private let patterns: [String]?
  /// The patterns as the file has them, for errors.
  private let spelling: String
  private let path: String

  /// Reads the pre-tokenizers `value`, whose single steps are `steps`.
  init(_ value: JSONValue, _ steps: [VocabularySource.Step], path: String) throws(TokenizerError) {
    var splits: [SplitStep] = []
    try SplitStep.read(value, into: &splits)
    for (index, split) in splits.enumerated() {
      // A pattern for all of a text leaves no gaps that could be removed, so that it cuts as an isolating one does.
      if case .pattern(let pattern, .removed, inverted: true) = split {
        splits[index] = .pattern(pattern, .isolated, inverted: false)
      }
    }
    let names = steps.map(\.name).joined(separator: ", ")
    guard let splitter = PipelineTokenizer.splitter(splits, readsBytes: true) else {
      throw VocabularySource.refusal(path, "pre_tokenizer", names)
    }
    self.splitter = splitter
    self.path = path
    var patterns: [String]? = []
    for step in steps {
      guard let pattern = try Self.pattern(step) else {
        patterns = nil
        break
      }
      if !pattern.isEmpty { patterns?.append(pattern) }
    }
    self.patterns = patterns
    let spelled = patterns?.joined(separator: "  ") ?? ""
    spelling = spelled.isEmpty ? names : spelled
  }

  /// The name of the rule, which also says whether a word that is a token becomes that token without merging.
  func rule(ignoresMerges: Bool) throws(TokenizerError) -> String {
    guard let names = try names() else { throw VocabularySource.refusal(path, "pre_tokenizer", spelling) }
    let fitting = names.first { SplittingRules.ignoringMerges.contains($0) == ignoresMerges }
    return fitting ?? names[0]
  }

  private func names() throws(TokenizerError) -> [String]? {
    for (names, passes) in SplittingRules.all where patterns != nil && Self.patterns(passes) == patterns {
      return names
    }
    let own = try Self.cuts(splitter)
    for (names, _) in SplittingRules.all {
      let rule = try SplittingRule.named(names[0])
      if try Self.cuts(try rule.makeSplitter()) == own { return names }
    }
    return nil
  }

  private static func cuts(_ splitter: Splitter) throws(TokenizerError) -> [Range<Int>] {
    let text = Array(SampleTexts.all.joined(separator: "\n").utf8)
    var cuts: [Range<Int>] = []
    try text.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
      guard let base = buffer.baseAddress else { return }
      try splitter.forEachPiece(base, 0..<buffer.count) { cuts.append($0) }
    }
    return cuts
  }

  /// The pattern of a step, empty if it does not cut; nil if it is no pattern.
  private static func pattern(_ step: VocabularySource.Step) throws(TokenizerError) -> String? {
    switch step.name {
    case "Split": return try step.value.required("pattern").member("Regex")?.text()
    case "Digits":
      return try step.value.flag("individual_digits", default: false) ? #"\p{N}"# : #"\p{N}+"#
    case "ByteLevel": return try step.value.flag("use_regex", default: true) ? SplittingRules.gpt2 : ""
    default: return nil
    }
  }

  private static func patterns(_ passes: [SplittingRule.Pass]) -> [String]? {
    var patterns: [String] = []
    for pass in passes {
      guard case .pattern(let pattern) = pass else { return nil }
      patterns.append(pattern)
    }
    return patterns
  }
}
