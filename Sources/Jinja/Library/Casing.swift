/// A change of case, code point by code point; each keeps the origin of the code point that it came from.
struct Casing {
  enum Style { case upper, lower, title, capitalize, fold, swap }
  let style: Style

  init(style: Style) {
    self.style = style
  }

  init(_ method: StringMethod) {
    style =
      switch method {
      case .upper: .upper
      case .lower: .lower
      case .title: .title
      case .capitalize: .capitalize
      case .casefold: .fold
      default: .swap
      }
  }

  func apply(_ text: Text, _ interpreter: Interpreter) throws(JinjaError) -> Text {
    try interpreter.charge(bytes: text.size * 8)
    if text.isASCII, style != .title, style != .swap { return ascii(text) }
    var builder = TextBuilder()
    var afterCased = false
    var at = 0
    while at < text.bytes.count {
      try interpreter.tick()
      let scalar = UTF8Bytes.scalar(text.bytes, at: at)
      builder.append(map(scalar, text, at, afterCased: afterCased), origin: text.origin(at: at))
      afterCased = style == .capitalize || scalar.properties.isCased
      at += UTF8Bytes.width(text.bytes[at])
    }
    return builder.text(isMarkup: text.isMarkup)
  }

  private func ascii(_ text: Text) -> Text {
    let range: ClosedRange<UInt8> = style == .upper ? 0x61...0x7A : 0x41...0x5A
    var bytes = text.bytes.map { range.contains($0) ? $0 ^ 0x20 : $0 }
    if style == .capitalize, let first = bytes.first, (0x61...0x7A).contains(first) {
      bytes[0] = first ^ 0x20
    }
    return text.replacing(bytes, isMarkup: text.isMarkup)
  }

  private func map(_ scalar: Unicode.Scalar, _ text: Text, _ at: Int, afterCased: Bool) -> String {
    let properties = scalar.properties
    switch style {
    case .upper: return properties.uppercaseMapping
    case .lower: return lower(scalar, text, at)
    case .fold: return fold(scalar)
    case .title, .capitalize: return afterCased ? lower(scalar, text, at) : properties.titlecaseMapping
    case .swap:
      if properties.isUppercase { return lower(scalar, text, at) }
      return properties.isLowercase ? properties.uppercaseMapping : String(scalar)
    }
  }

  /// Lower case, with the final form of sigma at the end of a word.
  private func lower(_ scalar: Unicode.Scalar, _ text: Text, _ at: Int) -> String {
    guard scalar == "\u{3A3}" else { return scalar.properties.lowercaseMapping }
    let before = String(decoding: text.bytes[max(0, at - 64)..<at], as: UTF8.self).unicodeScalars
    let rest = min(at + 2 + 64, text.bytes.count)
    let after = String(decoding: text.bytes[min(at + 2, rest)..<rest], as: UTF8.self).unicodeScalars
    let isCasedBefore = before.last { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
    let isCasedAfter = after.first { !$0.properties.isCaseIgnorable }?.properties.isCased ?? false
    return isCasedBefore && !isCasedAfter ? "\u{3C2}" : "\u{3C3}"
  }

  /// Case folding by way of the mappings: lower case of upper case, which differs from lower case where `ß` does.
  private func fold(_ scalar: Unicode.Scalar) -> String {
    if scalar.isASCII { return scalar.properties.lowercaseMapping }
    return scalar.properties.uppercaseMapping.unicodeScalars.map(\.properties.lowercaseMapping).joined()
  }
}
