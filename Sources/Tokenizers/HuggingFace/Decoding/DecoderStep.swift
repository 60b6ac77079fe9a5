import JSON

/// One decoder of a `tokenizer.json`.
enum DecoderStep: Sendable {
  case byteLevel
  case metaspace([UInt8], drops: Bool)
  case wordPiece(prefix: [UInt8], cleansUp: Bool)
  case byteFallback
  case fuse
  case strip([UInt8], start: Int, stop: Int)
  case replace(TextPattern, with: [UInt8])
  /// Byte-pair pieces with a mark at the end of words.
  case wordEnd([UInt8])
  case ctc(padding: [UInt8], delimiter: [UInt8], cleansUp: Bool)

  private static let names = [
    "BPEDecoder", "ByteFallback", "ByteLevel", "CTC", "Fuse", "Metaspace", "Replace", "Sequence", "Strip",
    "WordPiece",
  ]

  /// Adds the steps of `value`, one or those of a sequence, to `steps`.
  static func read(_ value: JSONValue, into steps: inout [DecoderStep]) throws(TokenizerError) {
    let name = try value.required("type").text()
    guard steps.count < Limits.components else {
      throw .limit(name: "components", found: steps.count + 1, maximum: Limits.components)
    }
    switch name {
    case "Sequence":
      try value.required("decoders").forEachElement { (element) throws(TokenizerError) in
        try read(element, into: &steps)
      }
    case "ByteLevel": steps.append(.byteLevel)
    case "ByteFallback": steps.append(.byteFallback)
    case "Fuse": steps.append(.fuse)
    case "Metaspace": steps.append(try metaspace(value))
    case "WordPiece":
      steps.append(
        .wordPiece(
          prefix: try value.member("prefix")?.shortBytes() ?? Array("##".utf8),
          cleansUp: try value.flag("cleanup", default: true)))
    case "Strip":
      steps.append(
        .strip(
          try value.member("content")?.shortBytes() ?? [0x20], start: try count(value, "start"),
          stop: try count(value, "stop")))
    case "Replace":
      steps.append(
        .replace(
          try TextPattern(try value.required("pattern")), with: try value.required("content").shortBytes()))
    case "BPEDecoder":
      steps.append(.wordEnd(try value.member("suffix")?.shortBytes() ?? Array("</w>".utf8)))
    case "CTC":
      steps.append(
        .ctc(
          padding: try value.member("pad_token")?.shortBytes() ?? Array("<pad>".utf8),
          delimiter: try value.member("word_delimiter_token")?.shortBytes() ?? Array("|".utf8),
          cleansUp: try value.flag("cleanup", default: true)))
    default: throw .unsupported(what: "decoder", name: name, known: names)
    }
  }

  private static func metaspace(_ value: JSONValue) throws(TokenizerError) -> DecoderStep {
    let scheme = try value.member("prepend_scheme")?.text()
    let drops = if let scheme { scheme != "never" } else { try value.flag("add_prefix_space", default: true) }
    return .metaspace(try value.member("replacement")?.shortBytes() ?? SentencePieceModel.space, drops: drops)
  }

  private static func count(_ value: JSONValue, _ key: StaticString) throws(TokenizerError) -> Int {
    let count = try value.member(key)?.integer() ?? 0
    guard (0...Limits.replacementBytes).contains(count) else {
      throw value.error("\"\(key)\" must be 0 to \(Limits.replacementBytes)")
    }
    return count
  }

  /// The most bytes that the step makes of a text of `count` bytes; `Int.max` if that does not fit.
  func longestResult(of count: Int) -> Int {
    let (places, perPlace): (Int, Int)
    switch self {
    case .replace(.literal(let literal), let content):
      (places, perPlace) = (count / max(1, literal.count), max(0, content.count - literal.count))
    case .replace(.automaton, let content): (places, perPlace) = (count, content.count)
    case .wordPiece: (places, perPlace) = (1, 1)
    case .byteLevel, .metaspace, .byteFallback, .fuse, .strip, .wordEnd, .ctc: return count
    }
    let (added, overflow) = places.multipliedReportingOverflow(by: perPlace)
    // An expression can match behind the last byte too.
    let (more, overflowToo) = added.addingReportingOverflow(perPlace)
    let (sum, overflowAtLast) = count.addingReportingOverflow(more)
    return overflow || overflowToo || overflowAtLast ? .max : sum
  }
}
