extension Interpreter {
  /// Calls a method of a string.
  func call(_ method: StringMethod, on text: Text, _ arguments: Arguments) throws(JinjaError) -> Object {
    try charge(bytes: text.size)
    switch method {
    case .upper, .lower, .title, .capitalize, .casefold, .swapcase:
      _ = try arguments.bind(method.rawValue, [])
      return .string(try Casing(method).apply(text, self))
    case .strip, .lstrip, .rstrip: return .string(try strip(method, text, arguments))
    case .removeprefix, .removesuffix, .replace, .expandtabs:
      return .string(try edit(method, text, arguments))
    case .center, .ljust, .rjust, .zfill: return .string(try pad(method, text, arguments))
    case .split, .rsplit, .splitlines, .partition, .rpartition: return try split(method, text, arguments)
    case .join: return .string(try join(text, arguments))
    case .startswith, .endswith: return .bool(try affix(method, text, arguments))
    case .find, .rfind, .index, .rindex, .count: return .int(try search(method, text, arguments))
    case .format: return try braceFormat(text, arguments)
    case .formatMap:
      guard case .dict(let dict)? = arguments.positional.first else {
        throw JinjaError(.type, "format_map() needs a mapping")
      }
      var named = Arguments()
      for (key, value) in zip(dict.keys, dict.values) {
        if case .string(let name) = key { try named.add(name.string, value) }
      }
      return try braceFormat(text, named)
    default:
      _ = try arguments.bind(method.rawValue, [])
      return .bool(classify(method, text))
    }
  }

  // MARK: Edges

  private func strip(_ method: StringMethod, _ text: Text, _ arguments: Arguments) throws(JinjaError) -> Text
  {
    let bound = try arguments.bind(method.rawValue, ["chars"])
    let chars = bound.given(0) == nil ? nil : try bound.text(0)
    return try strip(text, chars, left: method != .rstrip, right: method != .lstrip)
  }

  /// Drops characters of a set, spaces without one, at the ends.
  func strip(
    _ text: Text, _ chars: Text?, left: Bool = true, right: Bool = true
  ) throws(JinjaError) -> Text {
    guard let chars else { return text.slice(trimmed(text, left: left, right: right)) }
    try charge(items: chars.size)
    var set: Set<Unicode.Scalar> = []
    for scalar in chars.unicodeScalars {
      try tick()
      set.insert(scalar)
    }
    return text.slice(
      text.withBytes { bytes in
        UnicodeRules.trim(bytes, 0..<text.size, left: left, right: right) { set.contains($0) }
      })
  }

  /// The part of a text without the spaces at its ends.
  func trimmed(_ text: Text, left: Bool = true, right: Bool = true) -> Range<Int> {
    text.withBytes { bytes in
      // Most texts have none.
      if Self.isPlain(bytes.first), Self.isPlain(bytes.last) { return 0..<bytes.count }
      return UnicodeRules.trim(bytes, 0..<bytes.count, left: left, right: right)
    }
  }

  /// Whether a byte at an end of a text belongs to a character that is not a space.
  private static func isPlain(_ byte: UInt8?) -> Bool {
    guard let byte else { return true }
    return byte > 0x20 && byte < 0x7F
  }

  private func affix(_ method: StringMethod, _ text: Text, _ arguments: Arguments) throws(JinjaError) -> Bool
  {
    let bound = try arguments.bind(method.rawValue, ["prefix", "start", "end"], required: 1)
    let range = try byteRange(text, bound)
    let candidates: [Object]
    if case .tuple(let tuple)? = bound[0] {
      candidates = tuple.items
    } else {
      candidates = [bound[0] ?? .none]
    }
    for candidate in candidates {
      if case .undefined(let missing) = candidate { throw missing.error }
      guard case .string(let affix) = candidate else {
        throw JinjaError(
          .type, "\(method.rawValue) first arg must be str or a tuple of str, not \(candidate.typeName)")
      }
      guard let range, affix.bytes.count <= range.count else { continue }
      let part = text.bytes[range]
      if method == .startswith
        ? part.starts(with: affix.bytes) : part.suffix(affix.bytes.count).elementsEqual(affix.bytes)
      {
        return true
      }
    }
    return false
  }

  /// The bytes between the arguments `start` and `end` at places 1 and 2; nil if they cross.
  private func byteRange(_ text: Text, _ bound: Bound) throws(JinjaError) -> Range<Int>? {
    if bound.given(1) == nil, bound.given(2) == nil { return 0..<text.bytes.count }
    let count = text.count
    func clamp(_ place: Int, _ fallback: Int) throws(JinjaError) -> Int {
      guard bound.given(place) != nil else { return fallback }
      let index = try bound.int(place, fallback)
      return index < 0 ? max(index + count, 0) : index
    }
    let start = try clamp(1, 0)
    let end = min(try clamp(2, count), count)
    guard start <= end else { return nil }
    return text.byteOffset(ofScalar: start)..<text.byteOffset(ofScalar: end)
  }

  // MARK: Search

  private func search(_ method: StringMethod, _ text: Text, _ arguments: Arguments) throws(JinjaError) -> Int
  {
    let bound = try arguments.bind(method.rawValue, ["sub", "start", "end"], required: 1)
    let needle = try bound.text(0)
    let range = try byteRange(text, bound)
    if method == .count {
      guard let range else { return 0 }
      if needle.bytes.isEmpty { return UTF8Bytes.scalarCount(text.bytes[range]) + 1 }
      return try occurrences(of: needle, in: text, range, limit: -1).count
    }
    let isLast = method == .rfind || method == .rindex
    let found = range.flatMap { range in
      isLast
        ? UTF8Bytes.findLast(needle.bytes, in: text.bytes, from: range.lowerBound, to: range.upperBound)
        : UTF8Bytes.find(needle.bytes, in: text.bytes, from: range.lowerBound, to: range.upperBound)
    }
    if let found { return text.scalarOffset(ofByte: found) }
    if method == .find || method == .rfind { return -1 }
    throw JinjaError(.value, "substring not found")
  }

  /// The byte offsets of the occurrences of a needle, which must not be empty; a negative limit is none.
  func occurrences(
    of needle: Text, in text: Text, _ range: Range<Int>, limit: Int
  ) throws(JinjaError) -> [Int] {
    var places: [Int] = []
    var at = range.lowerBound
    while limit < 0 || places.count < limit,
      let found = UTF8Bytes.find(needle.bytes, in: text.bytes, from: at, to: range.upperBound)
    {
      places.append(found)
      try checkCount(places.count >> 2)
      at = found + needle.bytes.count
    }
    try charge(items: places.count)
    return places
  }

  // MARK: Editing

  private func edit(_ method: StringMethod, _ text: Text, _ arguments: Arguments) throws(JinjaError) -> Text {
    switch method {
    case .replace:
      let bound = try arguments.bind("replace", ["old", "new", "count"], required: 2)
      return try replace(text, try bound.text(0), with: try bound.text(1), limit: try bound.int(2, -1))
    case .removeprefix:
      let affix = try arguments.bind("removeprefix", ["prefix"], required: 1).text(0)
      return text.bytes.starts(with: affix.bytes) ? text.slice(affix.bytes.count..<text.bytes.count) : text
    case .removesuffix:
      let affix = try arguments.bind("removesuffix", ["suffix"], required: 1).text(0)
      let keep = text.bytes.count - affix.bytes.count
      guard keep >= 0, text.bytes[keep...].elementsEqual(affix.bytes) else { return text }
      return text.slice(0..<keep)
    default: return try expandTabs(text, try arguments.bind("expandtabs", ["tabsize"]).int(0, 8))
    }
  }

  /// Replaces up to `limit` occurrences, all if it is negative; an empty needle stands between all code points.
  func replace(_ text: Text, _ old: Text, with new: Text, limit: Int) throws(JinjaError) -> Text {
    let places: [Int]
    if old.bytes.isEmpty {
      let (added, overflow) = (text.count + 1).multipliedReportingOverflow(by: new.bytes.count)
      if limit < 0 { try checkLength(overflow ? Int.max : added) }
      try charge(items: text.count)
      var starts = text.bytes.indices.filter { !UTF8Bytes.isContinuation(text.bytes[$0]) }
      starts.append(text.bytes.count)
      places = limit < 0 ? starts : Array(starts.prefix(limit))
    } else {
      places = try occurrences(of: old, in: text, 0..<text.bytes.count, limit: limit)
    }
    guard !places.isEmpty else { return text }
    let (added, overflow) = places.count.multipliedReportingOverflow(by: new.bytes.count)
    try checkLength(overflow ? Int.max : added)
    try checkLength(text.bytes.count + added)
    var builder = TextBuilder()
    var at = 0
    for place in places {
      try tick()
      builder.append(text, at..<place)
      builder.append(new)
      at = place + old.bytes.count
    }
    builder.append(text, at..<text.bytes.count)
    return builder.text(isMarkup: text.isMarkup)
  }

  private func expandTabs(_ text: Text, _ size: Int) throws(JinjaError) -> Text {
    var out: [UInt8] = []
    var column = 0
    for scalar in text.unicodeScalars {
      try tick()
      guard scalar == "\t" else {
        out.append(utf8: String(scalar))
        column = scalar == "\n" || scalar == "\r" ? 0 : column + 1
        continue
      }
      let fill = size > 0 ? size - column % size : 0
      try checkLength(fill)
      try checkLength(out.count + fill)
      try charge(bytes: fill)
      out.append(contentsOf: repeatElement(UInt8(ascii: " "), count: fill))
      column += fill
    }
    try checkLength(out.count)
    return text.derived(out)
  }

  // MARK: Padding

  private func pad(_ method: StringMethod, _ text: Text, _ arguments: Arguments) throws(JinjaError) -> Text {
    let bound = try arguments.bind(
      method.rawValue, method == .zfill ? ["width"] : ["width", "fillchar"], required: 1)
    let missing = try bound.int(0, 0).subtractingReportingOverflow(text.count)
    guard !missing.overflow, missing.partialValue > 0 else { return text }
    let width = missing.partialValue
    let fill = method == .zfill ? Text("0") : try bound.text(1, " ")
    guard fill.count == 1 else {
      throw JinjaError(.type, "The fill character must be exactly one character long")
    }
    if method == .zfill { return try zeroFill(text, width) }
    // Python puts the odd space of an even-length string to the left only if the width is odd too.
    let total = text.count + width
    let left =
      switch method {
      case .ljust: 0
      case .rjust: width
      default: width / 2 + (width & total & 1)
      }
    return try pad(text, left: left, right: width - left, with: fill)
  }

  /// Puts fill characters at both sides.
  func pad(_ text: Text, left: Int, right: Int, with fill: Text) throws(JinjaError) -> Text {
    for side in [left, right] {
      let (size, overflow) = side.multipliedReportingOverflow(by: fill.bytes.count)
      try checkLength(overflow ? Int.max : size)
    }
    var builder = TextBuilder()
    builder.append(try repeated(fill, max(left, 0)))
    builder.append(text)
    builder.append(try repeated(fill, max(right, 0)))
    try checkLength(builder.count)
    return builder.text(isMarkup: text.isMarkup)
  }

  private func zeroFill(_ text: Text, _ width: Int) throws(JinjaError) -> Text {
    try checkLength(width)
    var builder = TextBuilder()
    let hasSign = text.bytes.first == UInt8(ascii: "-") || text.bytes.first == UInt8(ascii: "+")
    let digits = hasSign ? 1 : 0
    builder.append(text, 0..<digits)
    builder.append([UInt8](repeating: UInt8(ascii: "0"), count: width))
    builder.append(text, digits..<text.bytes.count)
    return builder.text(isMarkup: text.isMarkup)
  }

  private func join(_ separator: Text, _ arguments: Arguments) throws(JinjaError) -> Text {
    let items = try iterate(try arguments.bind("join", ["iterable"], required: 1)[0] ?? .none)
    var builder = TextBuilder()
    for (place, item) in items.enumerated() {
      guard case .string(let text) = item else {
        if case .undefined(let missing) = item { throw missing.error }
        throw JinjaError(.type, "sequence item \(place): expected str instance, \(item.typeName) found")
      }
      if place > 0 { builder.append(separator) }
      builder.append(text)
      try checkLength(builder.count)
    }
    try charge(items: items.count)
    return builder.text()
  }

  // MARK: Classes

  private func classify(_ method: StringMethod, _ text: Text) -> Bool {
    let scalars = text.unicodeScalars
    switch method {
    case .isascii: return text.isASCII
    case .isprintable: return scalars.allSatisfy(UnicodeRules.isPrintable)
    case .isidentifier:
      guard let first = scalars.first, first == "_" || first.properties.isXIDStart else { return false }
      return scalars.dropFirst().allSatisfy(\.properties.isXIDContinue)
    case .islower:
      return scalars.contains(where: UnicodeRules.isLower)
        && !scalars.contains { UnicodeRules.isUpper($0) || UnicodeRules.isTitle($0) }
    case .isupper:
      return scalars.contains(where: UnicodeRules.isUpper)
        && !scalars.contains { UnicodeRules.isLower($0) || UnicodeRules.isTitle($0) }
    case .istitle: return isTitle(scalars)
    default: break
    }
    guard !scalars.isEmpty else { return false }
    switch method {
    case .isalnum: return scalars.allSatisfy(UnicodeRules.isAlphanumeric)
    case .isalpha: return scalars.allSatisfy(UnicodeRules.isAlpha)
    case .isdecimal: return scalars.allSatisfy(UnicodeRules.isDecimal)
    case .isdigit: return scalars.allSatisfy(UnicodeRules.isDigit)
    case .isnumeric: return scalars.allSatisfy(UnicodeRules.isNumeric)
    default: return scalars.allSatisfy(UnicodeRules.isSpace)
    }
  }

  private func isTitle(_ scalars: String.UnicodeScalarView) -> Bool {
    var afterCased = false
    var hasCased = false
    for scalar in scalars {
      if UnicodeRules.isUpper(scalar) || UnicodeRules.isTitle(scalar) {
        if afterCased { return false }
        (afterCased, hasCased) = (true, true)
      } else if UnicodeRules.isLower(scalar) {
        guard afterCased else { return false }
        hasCased = true
      } else {
        afterCased = false
      }
    }
    return hasCased
  }
}
