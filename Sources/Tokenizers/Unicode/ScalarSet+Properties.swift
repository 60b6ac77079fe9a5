extension ScalarSet {
  /// White_Space of the Unicode Character Database, as `\s` has it in the regex engines of the field.
  static let whiteSpace = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
  ])

  /// `\w`: alphabetic scalars, marks, decimal digits and connectors (Unicode Technical Standard 18, annex C).
  static var word: ScalarSet {
    let circled = ScalarSet([0x24B6...0x24E9, 0x1F130...0x1F149, 0x1F150...0x1F169, 0x1F170...0x1F189])
    return ["L", "M", "Nd", "Nl", "Pc"].reduce(circled) { $0.union(category($1) ?? .empty) }
  }

  /// The scalars of a general category ("Lu"), a group of them ("L") or a script ("Han"); nil if unknown.
  static func property(_ name: String) -> ScalarSet? {
    category(name) ?? script(name)
  }

  /// The scalars of a general category or a one-letter group of categories.
  private static func category(_ name: String) -> ScalarSet? {
    let numbers = UnicodeRuns.categoryNames.enumerated()
      .filter { $0.element == name || (name.count == 1 && $0.element.hasPrefix(name)) }.map(\.offset)
    guard !numbers.isEmpty else { return nil }
    let runs = UnicodeRuns.categories
    var ranges: [ClosedRange<UInt32>] = []
    for index in runs.indices where numbers.contains(Int(runs[index] & 0xFF)) {
      let end = index + 1 < runs.count ? runs[index + 1] >> 8 : maximum + 1
      ranges.append((runs[index] >> 8)...(end - 1))
    }
    return ScalarSet(ranges)
  }

  /// The scalars of one of the scripts that splitting patterns name.
  private static func script(_ name: String) -> ScalarSet? {
    let bounds: [UInt32]
    switch name {
    case "Han": bounds = UnicodeRuns.han
    case "Hiragana": bounds = UnicodeRuns.hiragana
    case "Katakana": bounds = UnicodeRuns.katakana
    case "Hangul": bounds = UnicodeRuns.hangul
    default: return nil
    }
    return ScalarSet(stride(from: 0, to: bounds.count - 1, by: 2).map { bounds[$0]...bounds[$0 + 1] })
  }

  /// The scalars that differ from `scalar` by simple case only, and itself; "s" also has "ſ", "k" the Kelvin sign.
  static func caseInsensitive(_ scalar: Unicode.Scalar) -> ScalarSet {
    var result: [Unicode.Scalar] = [scalar]
    for text in [scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping] {
      let scalars = text.unicodeScalars
      if scalars.count == 1 { result += scalars }
    }
    if result.contains("s") { result.append("\u{017F}") }
    if result.contains("k") { result.append("\u{212A}") }
    return ScalarSet(scalars: result)
  }
}
