import JSON

/// One pre-tokenizer of a `tokenizer.json`: cuts pieces of a text further, and may change them.
enum SplitStep: Sendable {
  /// What happens to a match.
  enum Behavior: String, Sendable, CaseIterable {
    case removed = "Removed"
    case isolated = "Isolated"
    case mergedWithPrevious = "MergedWithPrevious"
    case mergedWithNext = "MergedWithNext"
    case contiguous = "Contiguous"
  }

  /// When a metaspace goes in front of a piece.
  enum Scheme: String, Sendable, CaseIterable {
    case always, first, never
  }

  case pattern(TextPattern, Behavior, inverted: Bool)
  case metaspace([UInt8], Scheme, splits: Bool)
  /// Stand-ins for bytes; optionally a space in front of pieces that lack one, and GPT-2's cuts.
  case byteLevel(addsSpace: Bool, splits: Bool)
  /// Cuts where the script changes, and drops the text before the first script.
  case scripts
  /// Pieces of a fixed number of characters.
  case fixedLength(Int)

  private static let names = [
    "BertPreTokenizer", "ByteLevel", "CharDelimiterSplit", "Digits", "FixedLength", "Metaspace",
    "Punctuation",
    "Sequence", "Split", "UnicodeScripts", "Whitespace", "WhitespaceSplit",
  ]

  /// Adds the steps of `value`, one or those of a sequence, to `steps`.
  static func read(_ value: JSONValue, into steps: inout [SplitStep]) throws(TokenizerError) {
    let name = try value.required("type").text()
    guard steps.count < Limits.components else {
      throw .limit(name: "components", found: steps.count + 1, maximum: Limits.components)
    }
    switch name {
    case "Sequence":
      try value.required("pretokenizers").forEachElement { (element) throws(TokenizerError) in
        try read(element, into: &steps)
      }
    case "Split":
      steps.append(
        .pattern(
          try TextPattern(try value.required("pattern")), try behavior(try value.required("behavior")),
          inverted: try value.flag("invert", default: false)))
    case "ByteLevel":
      steps.append(
        .byteLevel(
          addsSpace: try value.flag("add_prefix_space", default: true),
          splits: try value.flag("use_regex", default: true)))
    case "Metaspace": steps.append(try metaspace(value))
    case "Whitespace":
      steps.append(
        .pattern(try wordsOrSigns(), .removed, inverted: true))
    case "WhitespaceSplit": steps.append(.pattern(try regex(#"\s"#), .removed, inverted: false))
    case "Digits":
      let isIndividual = try value.flag("individual_digits", default: false)
      let digit = PatternNode.set(.other("numbers of Digits"))
      let run = PatternNode.repeat(digit, minimum: 1, maximum: nil, isLazy: false)
      let pattern = TextPattern.automaton(try SplitAutomaton(isIndividual ? digit : run))
      steps.append(.pattern(pattern, .isolated, inverted: false))
    case "Punctuation":
      let behavior = try value.member("behavior")
      steps.append(
        .pattern(
          try punctuation(),
          try behavior.map { (v) throws(TokenizerError) in try Self.behavior(v) } ?? .isolated,
          inverted: false))
    case "BertPreTokenizer": steps += try bert()
    case "CharDelimiterSplit":
      steps.append(
        .pattern(.literal(try value.required("delimiter").shortBytes()), .removed, inverted: false))
    case "UnicodeScripts": steps.append(.scripts)
    case "FixedLength":
      let length = try value.required("length").integer()
      guard length > 0 else { throw value.error("\"length\" must be at least 1") }
      steps.append(.fixedLength(length))
    default: throw .unsupported(what: "pre_tokenizer", name: name, known: names)
    }
  }

  /// BERT's pre-tokenizer: removes white space and isolates punctuation.
  static func bert() throws(TokenizerError) -> [SplitStep] {
    [
      .pattern(try regex(#"\s"#), .removed, inverted: false),
      .pattern(try punctuation(), .isolated, inverted: false),
    ]
  }

  private static func punctuation() throws(TokenizerError) -> TextPattern {
    .automaton(try SplitAutomaton(.set(.other("punctuation of pre-tokenizers"))))
  }

  private static func wordsOrSigns() throws(TokenizerError) -> TextPattern {
    let words = ScalarSet.other("words of Whitespace")
    let runs = [words, words.union(.whiteSpace).complement].map {
      PatternNode.repeat(.set($0), minimum: 1, maximum: nil, isLazy: false)
    }
    return .automaton(try SplitAutomaton(.choice(runs)))
  }

  private static func regex(_ pattern: String) throws(TokenizerError) -> TextPattern {
    .automaton(try SplitAutomaton(pattern))
  }

  private static func behavior(_ value: JSONValue) throws(TokenizerError) -> Behavior {
    let name = try value.text()
    guard let behavior = Behavior(rawValue: name) else {
      throw .unsupported(what: "behavior", name: name, known: Behavior.allCases.map(\.rawValue))
    }
    return behavior
  }

  private static func metaspace(_ value: JSONValue) throws(TokenizerError) -> SplitStep {
    let replacement = try value.member("replacement")?.shortBytes() ?? SentencePieceModel.space
    guard !replacement.isEmpty else { throw value.error("\"replacement\" must be a character") }
    // Files from before 2024 say `add_prefix_space` instead.
    var scheme: Scheme = try value.flag("add_prefix_space", default: true) ? .always : .never
    if let name = try value.member("prepend_scheme")?.text() {
      guard let known = Scheme(rawValue: name) else {
        throw .unsupported(what: "prepend_scheme", name: name, known: Scheme.allCases.map(\.rawValue))
      }
      scheme = known
    }
    return .metaspace(replacement, scheme, splits: try value.flag("split", default: true))
  }
}
