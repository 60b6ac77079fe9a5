import JSON
import ModelFormats
import Tokens

/// What a family of tokenizers has in its `tokenizer.json` beside the vocabulary.
struct ExportedParts {
  typealias Part = (inout JSONWriter) -> Void

  /// Normalizer, pre-tokenizer and decoder, by their keys.
  let steps: [(String, Part)]
  /// The options of the model.
  let options: [(String, Part)]
  /// The merges, by rank; each two pieces with a space between.
  let merges: [String]

  /// Byte-level byte-pair encoding.
  init(byteLevel metadata: Metadata, rule: SplittingRule) throws(TokenizerError) {
    var patterns: [String] = []
    for pass in rule.passes {
      guard case .pattern(let pattern) = pass else { throw TokenizerExport.unsupported(rule.name) }
      patterns.append(pattern)
    }
    let splits = patterns
    steps = [
      ("normalizer", { $0.null() }),
      (
        "pre_tokenizer",
        { writer in
          Self.sequence("pretokenizers", of: splits.map(Self.split) + [Self.byteLevel], to: &writer)
        }
      ),
      ("decoder", Self.byteLevel),
    ]
    options = Self.options(unknown: nil, bytes: false, ignoresMerges: rule.ignoresMerges)
    var merges: [String] = []
    for (rank, merge) in try metadata.merges().enumerated() {
      guard let text = String(validating: merge, as: UTF8.self) else {
        throw .invalid(key: MetadataKey.merges, index: rank, reason: "is not UTF-8, so JSON cannot hold it")
      }
      merges.append(text)
    }
    self.merges = merges
  }

  /// SentencePiece's byte-pair encoding, as transformers writes it: the scores become the ranks of merges.
  init(sentencePiece metadata: Metadata, _ vocabulary: Vocabulary) throws(TokenizerError) {
    guard try !metadata.flag(MetadataKey.removeExtraWhitespaces, default: false) else {
      throw .unsupported(
        what: "the export of \(MetadataKey.removeExtraWhitespaces)", name: "true", known: ["false"])
    }
    let addsSpace = try metadata.flag(MetadataKey.addSpacePrefix, default: true)
    let replace = Self.replace(" ", with: "▁")
    let normalizers = (addsSpace ? [Self.text("Prepend", "prepend", "▁")] : []) + [replace]
    let strip: Part = { writer in
      Self.object("Strip", to: &writer) { step in
        step.key("content")
        step.string(" ")
        step.key("start")
        step.int(1)
        step.key("stop")
        step.int(0)
      }
    }
    let decoders =
      [Self.replace("▁", with: " "), Self.named("ByteFallback"), Self.named("Fuse")]
      + (addsSpace ? [strip] : [])
    steps = [
      ("normalizer", { Self.sequence("normalizers", of: normalizers, to: &$0) }),
      ("pre_tokenizer", { $0.null() }),
      ("decoder", { Self.sequence("decoders", of: decoders, to: &$0) }),
    ]
    let unknown = vocabulary.roles.unknown.map {
      String(decoding: vocabulary.pieces[$0.index], as: UTF8.self)
    }
    let hasBytes = try !vocabulary.byteTokens().contains(nil)
    options = Self.options(unknown: unknown, bytes: hasBytes, ignoresMerges: false)
    merges = ExportedMerges(vocabulary).texts
  }

  // MARK: The pieces of the format

  private static func options(unknown: String?, bytes: Bool, ignoresMerges: Bool) -> [(String, Part)] {
    [
      ("dropout", { $0.null() }),
      ("unk_token", { if let unknown { $0.string(unknown) } else { $0.null() } }),
      ("continuing_subword_prefix", { $0.null() }),
      ("end_of_word_suffix", { $0.null() }),
      ("fuse_unk", { $0.bool(unknown != nil) }),
      ("byte_fallback", { $0.bool(bytes) }),
      ("ignore_merges", { $0.bool(ignoresMerges) }),
    ]
  }

  private static func object(_ type: String, to writer: inout JSONWriter, _ body: Part = { _ in }) {
    writer.object { step in
      step.key("type")
      step.string(type)
      body(&step)
    }
  }

  private static func named(_ type: String) -> Part { { object(type, to: &$0) } }

  private static func text(_ type: String, _ key: String, _ value: String) -> Part {
    { writer in
      object(type, to: &writer) { step in
        step.key(key)
        step.string(value)
      }
    }
  }

  private static func sequence(_ key: String, of steps: [Part], to writer: inout JSONWriter) {
    object("Sequence", to: &writer) { sequence in
      sequence.key(key)
      sequence.array { list in for step in steps { step(&list) } }
    }
  }

  private static func replace(_ old: String, with new: String) -> Part {
    { writer in
      object("Replace", to: &writer) { step in
        step.key("pattern")
        step.object { pattern in
          pattern.key("String")
          pattern.string(old)
        }
        step.key("content")
        step.string(new)
      }
    }
  }

  private static func split(_ pattern: String) -> Part {
    { writer in
      object("Split", to: &writer) { step in
        step.key("pattern")
        step.object { value in
          value.key("Regex")
          value.string(pattern)
        }
        step.key("behavior")
        step.string("Isolated")
        step.key("invert")
        step.bool(false)
      }
    }
  }

  private static let byteLevel: @Sendable (inout JSONWriter) -> Void = { writer in
    object("ByteLevel", to: &writer) { step in
      step.key("add_prefix_space")
      step.bool(false)
      step.key("trim_offsets")
      step.bool(true)
      step.key("use_regex")
      step.bool(false)
    }
  }
}
