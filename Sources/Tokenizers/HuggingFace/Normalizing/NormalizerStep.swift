import JSON

/// One normalizer of a `tokenizer.json`.
enum NormalizerStep: Sendable {
  case form(UnicodeForm)
  case lowercase
  case strip(left: Bool, right: Bool)
  case stripAccents
  case replace(TextPattern, with: [UInt8])
  case prepend([UInt8])
  case bert(cleans: Bool, spacesHan: Bool, stripsAccents: Bool, lowercases: Bool)
  case nmt
  case precompiled(CharacterMap)
  case byteLevel

  private static let forms: [String: UnicodeForm] = [
    "NFC": UnicodeForm(isCompatible: false, composes: true),
    "NFD": UnicodeForm(isCompatible: false, composes: false),
    "NFKC": UnicodeForm(isCompatible: true, composes: true),
    "NFKD": UnicodeForm(isCompatible: true, composes: false),
  ]
  private static let names = [
    "BertNormalizer", "ByteLevel", "Lowercase", "NFC", "NFD", "NFKC", "NFKD", "Nmt", "Precompiled", "Prepend",
    "Replace", "Sequence", "Strip", "StripAccents",
  ]

  /// Adds the steps of `value`, one or those of a sequence, to `steps`.
  static func read(_ value: JSONValue, into steps: inout [NormalizerStep]) throws(TokenizerError) {
    let name = try value.required("type").text()
    if name == "Sequence" {
      try value.required("normalizers").forEachElement { (element) throws(TokenizerError) in
        try read(element, into: &steps)
      }
      return
    }
    guard steps.count < Limits.components else {
      throw .limit(name: "components", found: steps.count + 1, maximum: Limits.components)
    }
    if let step = try step(name, value) { steps.append(step) }
  }

  private static func step(_ name: String, _ value: JSONValue) throws(TokenizerError) -> NormalizerStep? {
    if let form = forms[name] { return .form(form) }
    switch name {
    case "Lowercase": return .lowercase
    case "Strip":
      return .strip(
        left: try value.flag("strip_left", default: true), right: try value.flag("strip_right", default: true)
      )
    case "StripAccents": return .stripAccents
    case "Replace":
      return .replace(
        try TextPattern(try value.required("pattern")), with: try value.required("content").shortBytes())
    case "Prepend": return .prepend(try value.required("prepend").shortBytes())
    case "BertNormalizer":
      let lowercases = try value.flag("lowercase", default: true)
      return .bert(
        cleans: try value.flag("clean_text", default: true),
        spacesHan: try value.flag("handle_chinese_chars", default: true),
        stripsAccents: try value.flag("strip_accents", default: lowercases), lowercases: lowercases)
    case "Nmt": return .nmt
    case "Precompiled":
      let text = try value.required("precompiled_charsmap").bytes()
      guard let blob = Base64.decode(text) else {
        throw try value.required("precompiled_charsmap").error("is not valid base 64")
      }
      return try CharacterMap(blob).map { .precompiled($0) }
    case "ByteLevel": return .byteLevel
    default: throw .unsupported(what: "normalizer", name: name, known: names)
    }
  }
}

extension JSONValue {
  /// The bytes of a string of at most `Limits.replacementBytes`.
  func shortBytes() throws(TokenizerError) -> [UInt8] {
    let bytes = try bytes()
    guard bytes.count <= Limits.replacementBytes else {
      throw .limit(name: "replacementBytes", found: bytes.count, maximum: Limits.replacementBytes)
    }
    return bytes
  }
}

/// Decoding of base 64 (RFC 4648).
enum Base64 {
  private static let values: [Int8] = {
    var values = [Int8](repeating: -1, count: 256)
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    for (value, byte) in alphabet.utf8.enumerated() { values[Int(byte)] = Int8(value) }
    return values
  }()

  /// The bytes that `text` spells; nil if it is not base 64.
  static func decode(_ text: [UInt8]) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count / 4 * 3)
    var bits: UInt32 = 0
    var count: UInt32 = 0
    var padding = 0
    for byte in text {
      if byte == UInt8(ascii: "=") {
        padding += 1
        continue
      }
      guard padding == 0, values[Int(byte)] >= 0 else { return nil }
      bits = bits << 6 | UInt32(values[Int(byte)])
      count += 6
      if count >= 8 {
        count -= 8
        result.append(UInt8(truncatingIfNeeded: bits >> count))
      }
    }
    return padding <= 2 && count < 6 ? result : nil
  }
}
