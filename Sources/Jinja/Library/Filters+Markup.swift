extension Filters {
  static let markup: [String: Function] = [
    "safe": { (run, value, arguments) throws(JinjaError) in
      let text = try run.soft(value)
      return .string(text.replacing(text.bytes, isMarkup: true))
    },
    "escape": { (run, value, arguments) throws(JinjaError) in try escape(run, value) },
    "e": { (run, value, arguments) throws(JinjaError) in try escape(run, value) },
    "forceescape": { (run, value, arguments) throws(JinjaError) in
      .string(run.escaped(try run.soft(value)))
    },
    "striptags": { (run, value, arguments) throws(JinjaError) in try stripTags(run, value) },
    "xmlattr": { (run, value, arguments) throws(JinjaError) in try xmlAttributes(run, value, arguments) },
    "urlize": { (run, value, arguments) throws(JinjaError) in
      throw JinjaError(.unsupported, "the filter 'urlize' is not available")
    },
  ]

  private static func escape(_ run: Interpreter, _ value: Object) throws(JinjaError) -> Object {
    if case .string(let text) = value, text.isMarkup { return value }
    return .string(run.escaped(try run.soft(value)))
  }

  /// Removes tags and comments, joins runs of space and decodes the common entities.
  private static func stripTags(_ run: Interpreter, _ value: Object) throws(JinjaError) -> Object {
    let text = try run.soft(value)
    try run.charge(bytes: text.bytes.count * 4)
    var bytes = cut(text.bytes, from: "<!--", to: "-->")
    bytes = cut(bytes, from: "<", to: ">")
    let words = try run.words(of: text.derived(bytes), limit: -1, fromEnd: false)
    var builder = TextBuilder()
    for (place, word) in words.enumerated() {
      if place > 0 { builder.append(" ") }
      try run.print(word, into: &builder)
    }
    var result = text.derived(builder.bytes)
    // The ampersand comes last, so that no entity is decoded twice.
    let entities = [
      ("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#34;", "\""), ("&#39;", "'"), ("&apos;", "'"),
      ("&nbsp;", "\u{A0}"), ("&amp;", "&"),
    ]
    for (entity, plain) in entities {
      result = try run.replace(result, Text(entity), with: Text(plain), limit: -1)
    }
    return .string(text.derived(result.bytes))
  }

  private static func cut(_ bytes: [UInt8], from start: String, to end: String) -> [UInt8] {
    let (open, close) = (Array(start.utf8), Array(end.utf8))
    var out: [UInt8] = []
    var at = 0
    while let place = UTF8Bytes.find(open, in: bytes, from: at, to: bytes.count),
      let stop = UTF8Bytes.find(close, in: bytes, from: place + open.count, to: bytes.count)
    {
      out += bytes[at..<place]
      at = stop + close.count
    }
    return out + bytes[at...]
  }

  private static func xmlAttributes(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    guard case .dict(let dict) = value else { throw JinjaError(.type, "xmlattr needs a mapping") }
    var builder = TextBuilder()
    for (key, value) in zip(dict.keys, dict.values) {
      switch value {
      case .none, .undefined: continue
      default: break
      }
      let name = try run.soft(key)
      let forbidden = name.unicodeScalars.contains {
        UnicodeRules.isSpace($0) || "/>=".unicodeScalars.contains($0)
      }
      guard !forbidden else { throw JinjaError(.value, "Invalid character in attribute name") }
      if builder.count > 0 || arguments.positional.first?.isTrue ?? true { builder.append(" ") }
      builder.append(run.escaped(name))
      builder.append("=\"")
      builder.append(run.escaped(try run.soft(value)))
      builder.append("\"")
    }
    return .string(builder.text())
  }
}

extension Interpreter {
  /// The text with the five characters that mean something in HTML replaced.
  func escaped(_ text: Text) -> Text {
    let special: (UInt8) -> Bool = { $0 < 0x40 && [0x22, 0x26, 0x27, 0x3C, 0x3E].contains($0) }
    guard text.withBytes({ $0.contains(where: special) }) else {
      return text.replacing(text.bytes, isMarkup: true)
    }
    var builder = TextBuilder()
    var run = 0
    for (at, byte) in text.bytes.enumerated() {
      let entity: StaticString
      switch byte {
      case UInt8(ascii: "&"): entity = "&amp;"
      case UInt8(ascii: "<"): entity = "&lt;"
      case UInt8(ascii: ">"): entity = "&gt;"
      case UInt8(ascii: "'"): entity = "&#39;"
      case UInt8(ascii: "\""): entity = "&#34;"
      default: continue
      }
      builder.append(text, run..<at)
      builder.append(entity, origin: text.origin(at: at))
      run = at + 1
    }
    builder.append(text, run..<text.bytes.count)
    return builder.text(isMarkup: true)
  }
}

/// Percent-encoding, as the filter `urlencode` does it.
enum URLEncoding {
  static func apply(_ run: Interpreter, _ value: Object) throws(JinjaError) -> Object {
    var pairs: [Object]
    switch value {
    case .dict(let dict): pairs = zip(dict.keys, dict.values).map { .tuple([$0, $1]) }
    case .list, .tuple, .iterable: pairs = try run.iterate(value)
    default:
      let text = try run.soft(value)
      return .string(text.derived(quote(text.bytes, keepsSlash: true)))
    }
    var builder = TextBuilder()
    for (place, pair) in pairs.enumerated() {
      let items = try run.iterate(pair)
      guard items.count == 2 else { throw JinjaError(.value, "urlencode needs pairs of key and value") }
      if place > 0 { builder.append("&") }
      for (side, item) in items.enumerated() {
        if side > 0 { builder.append("=") }
        let text = try run.soft(item)
        builder.append(text.derived(quote(text.bytes, keepsSlash: false, spaceIsPlus: true)))
      }
      try run.checkLength(builder.count)
    }
    return .string(builder.text())
  }

  private static func quote(_ bytes: [UInt8], keepsSlash: Bool, spaceIsPlus: Bool = false) -> [UInt8] {
    let hex = Array("0123456789ABCDEF".utf8)
    var out: [UInt8] = []
    for byte in bytes {
      let isLetter = (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
      if isLetter || "_.-~".utf8.contains(byte) || (keepsSlash && byte == UInt8(ascii: "/")) {
        out.append(byte)
      } else if spaceIsPlus, byte == 0x20 {
        out.append(UInt8(ascii: "+"))
      } else {
        out += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return out
  }
}
