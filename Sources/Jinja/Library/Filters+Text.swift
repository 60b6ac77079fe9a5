extension Filters {
  static let text: [String: Function] = [
    "upper": { (run, value, arguments) throws(JinjaError) in try cased(run, value, arguments, .upper) },
    "lower": { (run, value, arguments) throws(JinjaError) in try cased(run, value, arguments, .lower) },
    "capitalize": { (run, value, arguments) throws(JinjaError) in
      try cased(run, value, arguments, .capitalize)
    },
    "title": { (run, value, arguments) throws(JinjaError) in try title(run, value, arguments) },
    "trim": { (run, value, arguments) throws(JinjaError) in
      let bound = try arguments.bind("trim", ["chars"])
      let chars = bound.given(0) == nil ? nil : try bound.text(0)
      let text = try run.soft(value)
      try run.charge(bytes: text.size)
      return .string(try run.strip(text, chars))
    },
    "string": { (run, value, arguments) throws(JinjaError) in .string(try run.soft(value)) },
    "replace": { (run, value, arguments) throws(JinjaError) in
      let bound = try arguments.bind("replace", ["old", "new", "count"], required: 2)
      let limit = bound.given(2) == nil ? -1 : try bound.int(2, -1)
      let (old, new) = (try run.soft(bound[0] ?? .none), try run.soft(bound[1] ?? .none))
      let text = try run.soft(value)
      try run.charge(bytes: text.bytes.count)
      return .string(try run.replace(text, old, with: new, limit: limit))
    },
    "center": { (run, value, arguments) throws(JinjaError) in
      var padding = Arguments()
      padding.positional = [.int(try arguments.bind("center", ["width"]).int(0, 80))]
      return try run.call(StringMethod.center, on: try run.soft(value), padding)
    },
    "indent": { (run, value, arguments) throws(JinjaError) in try indent(run, value, arguments) },
    "truncate": { (run, value, arguments) throws(JinjaError) in try truncate(run, value, arguments) },
    "wordcount": { (run, value, arguments) throws(JinjaError) in
      let text = try run.soft(value)
      try run.charge(bytes: text.bytes.count)
      var count = 0
      var inWord = false
      for scalar in text.unicodeScalars {
        try run.tick()
        let isWord = UnicodeRules.isWord(scalar)
        if isWord, !inWord { count += 1 }
        inWord = isWord
      }
      return .int(count)
    },
    "wordwrap": { (run, value, arguments) throws(JinjaError) in try wordWrap(run, value, arguments) },
    "format": { (run, value, arguments) throws(JinjaError) in
      guard arguments.positional.isEmpty || arguments.named.isEmpty else {
        throw JinjaError(.type, "can't handle positional and keyword arguments at the same time")
      }
      let text = try run.soft(value)
      if arguments.named.isEmpty { return try run.percentFormat(text, .tuple(arguments.positional)) }
      let dict = DictObject()
      for (name, value) in arguments.named { try dict.set(.text(name), value) }
      return try run.percentFormat(text, .dict(dict))
    },
    "tojson": { (run, value, arguments) throws(JinjaError) in try toJSON(run, value, arguments) },
    "pprint": { (run, value, arguments) throws(JinjaError) in
      var builder = TextBuilder()
      try run.represent(value, into: &builder)
      return .string(builder.text())
    },
    "urlencode": { (run, value, arguments) throws(JinjaError) in try URLEncoding.apply(run, value) },
  ]

  private static func cased(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments, _ style: Casing.Style
  ) throws(JinjaError) -> Object {
    _ = try arguments.bind("filter", [])
    return .string(try Casing(style: style).apply(try run.soft(value), run))
  }

  /// Upper case after spaces, hyphens and opening brackets, lower case elsewhere.
  private static func title(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let text = try run.soft(value)
    try run.charge(bytes: text.bytes.count * 8)
    var builder = TextBuilder()
    var startsWord = true
    var at = 0
    while at < text.bytes.count {
      try run.tick()
      let scalar = UTF8Bytes.scalar(text.bytes, at: at)
      let properties = scalar.properties
      builder.append(
        startsWord ? properties.uppercaseMapping : properties.lowercaseMapping, origin: text.origin(at: at))
      startsWord = UnicodeRules.isSpace(scalar) || "-({[<".unicodeScalars.contains(scalar)
      at += UTF8Bytes.width(text.bytes[at])
    }
    return .string(builder.text(isMarkup: text.isMarkup))
  }

  private static func indent(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("indent", ["width", "first", "blank"])
    let indent: Text
    if case .string(let text)? = bound[0] {
      indent = text
    } else {
      let width = max(try bound.int(0, 4), 0)
      try run.checkLength(width)
      indent = Text([UInt8](repeating: 0x20, count: width))
    }
    if case .undefined(let missing) = value { throw missing.error }
    guard case .string(let text) = try run.asText(value) else {
      throw JinjaError(.type, "indent needs a string, not \(value.typeName)")
    }
    try run.charge(bytes: text.bytes.count)
    var builder = TextBuilder()
    if bound.isTrue(1) { builder.append(indent) }
    let blank = bound.isTrue(2)
    for (place, line) in (try run.lines(of: text)).enumerated() {
      if place > 0 {
        builder.append("\n")
        if blank || !line.isEmpty { builder.append(indent) }
      }
      builder.append(text, line)
      try run.checkLength(builder.count)
      try run.charge(bytes: indent.bytes.count)
    }
    // A line end at the very end starts one more, empty line.
    if text.bytes.isEmpty { return .string(builder.text(isMarkup: text.isMarkup)) }
    var last = text.bytes.count - 1
    while last > 0, UTF8Bytes.isContinuation(text.bytes[last]) { last -= 1 }
    if UnicodeRules.endsLine(UTF8Bytes.scalar(text.bytes, at: last)) {
      builder.append("\n")
      if blank { builder.append(indent) }
    }
    return .string(builder.text(isMarkup: text.isMarkup))
  }

  private static func truncate(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("truncate", ["length", "killwords", "end", "leeway"])
    let text = try run.soft(value)
    let length = try bound.int(0, 255)
    let end = try bound.text(2, "...")
    let leeway = bound.given(3) == nil ? 5 : try bound.int(3, 5)
    guard length >= end.count, leeway >= 0 else {
      throw JinjaError(.value, "truncate: 'length' must be at least that of 'end', 'leeway' at least 0")
    }
    if text.count - leeway <= length { return .string(text) }
    let head = text.slice(0..<text.byteOffset(ofScalar: length - end.count))
    var builder = TextBuilder()
    let space = bound.isTrue(1) ? nil : head.bytes.lastIndex(of: 0x20)
    builder.append(head, 0..<(space ?? head.bytes.count))
    builder.append(end)
    return .string(builder.text(isMarkup: text.isMarkup))
  }

  private static func toJSON(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("tojson", ["ensure_ascii", "indent", "separators", "sort_keys"])
    var writer = JSONDumps()
    writer.ensuresASCII = bound.isTrue(0)
    writer.sortsKeys = bound.isTrue(3)
    switch bound.given(1) {
    case nil: break
    case .string(let text)?: writer.indent = text
    default:
      let width = max(try bound.int(1, 0), 0)
      try run.checkLength(width)
      writer.indent = Text([UInt8](repeating: 0x20, count: width))
    }
    if writer.indent != nil { writer.itemSeparator = Text(",") }
    if let separators = bound.given(2) {
      let pair = try run.iterate(separators)
      guard pair.count == 2, case .string(let item) = pair[0], case .string(let key) = pair[1] else {
        throw JinjaError(.value, "tojson: 'separators' must be two strings")
      }
      (writer.itemSeparator, writer.keySeparator) = (item, key)
    }
    try writer.write(value, run)
    return .string(writer.builder.text())
  }
}
