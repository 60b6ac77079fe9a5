extension ScalarSet {
  /// White_Space of the Unicode Character Database, which `\s` matches in the usual regex engines.
  static let whiteSpace = ScalarSet([
    0x09...0x0D, 0x20...0x20, 0x85...0x85, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029,
    0x202F...0x202F, 0x205F...0x205F, 0x3000...0x3000,
  ])

  /// The scalars that `\w` matches in patterns.
  static let word = ScalarSet.property("Word") ?? .empty

  /// Those that it matches inside a class, which lacks the superscripts and fractions of Latin-1 (Oniguruma).
  static let wordInClass = word.intersection(
    ScalarSet([0xB2...0xB3, 0xB9...0xB9, 0xBC...0xBE]).complement)

  /// The scalars of a general category ("Lu"), a group of them ("L"), a property ("Alphabetic") or a script ("Han").
  ///
  /// It is nil if the name is unknown. Case, spaces, "_" and "-" in a name are ignored.
  static func property(_ name: String) -> ScalarSet? {
    let key = String(name.lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" })
    switch key {
    case "any": return .all
    case "ascii": return ScalarSet([0...0x7F])
    case "assigned": return category("Cn")?.complement
    case "digit": return category("Nd")
    default: break
    }
    let short = longNames[key] ?? key
    if short == "lc" { return ["Lu", "Ll", "Lt"].reduce(.empty) { $0.union(category($1) ?? .empty) } }
    if short.utf8.count <= 2, let set = category(short.prefix(1).uppercased() + short.dropFirst()) {
      return set
    }
    return coded(key, UnicodeProperties.rows) ?? script(key)
  }

  private static let longNames: [String: String] = [
    "letter": "l", "uppercaseletter": "lu", "lowercaseletter": "ll", "titlecaseletter": "lt",
    "casedletter": "lc", "modifierletter": "lm", "otherletter": "lo", "mark": "m", "combiningmark": "m",
    "nonspacingmark": "mn", "spacingmark": "mc", "enclosingmark": "me", "number": "n", "decimalnumber": "nd",
    "letternumber": "nl", "othernumber": "no", "punctuation": "p", "connectorpunctuation": "pc",
    "dashpunctuation": "pd", "openpunctuation": "ps", "closepunctuation": "pe", "initialpunctuation": "pi",
    "finalpunctuation": "pf", "otherpunctuation": "po", "symbol": "s", "mathsymbol": "sm",
    "currencysymbol": "sc", "modifiersymbol": "sk", "othersymbol": "so", "separator": "z",
    "spaceseparator": "zs", "lineseparator": "zl", "paragraphseparator": "zp", "other": "c", "control": "cc",
    "format": "cf", "surrogate": "cs", "privateuse": "co", "unassigned": "cn",
  ]

  /// The scalars of a general category ("Lu") or of a one-letter group of categories ("L").
  private static func category(_ name: String) -> ScalarSet? {
    guard name.utf8.count == 1, let letter = name.utf8.first else { return ScalarPartition.categories[name] }
    return ScalarPartition.categories.group(letter)
  }

  /// The scalars of a script by its code or another name, in lower case.
  private static func script(_ name: String) -> ScalarSet? {
    let entries = "\(UnicodeScripts.names)".split(separator: ";").map { $0.split(separator: " ") }
    let entry = entries.first { names in names.contains { $0.lowercased() == name } }
    return entry?.first.flatMap { ScalarPartition.scripts[String($0)] }
  }

  /// A class of `UnicodeClasses`, by its name.
  static func other(_ name: String) -> ScalarSet {
    coded(name, UnicodeClasses.rows) ?? .empty
  }

  /// The set of the row with `name` as its only name or as one of several; nil if there is none.
  private static func coded(
    _ name: String, _ rows: [(names: String, categories: String, runs: StaticString)]
  ) -> ScalarSet? {
    let row = rows.first { $0.names == name || $0.names.split(separator: " ").contains(name[...]) }
    guard let row else { return nil }
    let near = row.categories.split(separator: " ").reduce(ScalarSet.empty) {
      $0.union(category(String($1)) ?? .empty)
    }
    return near.symmetricDifference(ScalarSet(runs: row.runs))
  }

  /// The set of runs that are each the gap before it and, behind a dot, its length less one unless that is 0.
  private init(runs text: StaticString) {
    var ranges: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    var number: UInt32 = 0
    var low: UInt32?
    func flush() {
      let first = low ?? next + number
      let last = low == nil ? first : first + number
      ranges.append(first...min(last, Self.maximum))
      next = last + 1
      number = 0
      low = nil
    }
    text.withUTF8Buffer { bytes in
      for byte in bytes {
        if byte == UInt8(ascii: ".") {
          low = next + number
          number = 0
        } else if let digit = ByteToken.digit(byte) {
          number = number << 4 | UInt32(digit)
        } else {
          flush()
        }
      }
      if !bytes.isEmpty { flush() }
    }
    self.init(ranges)
  }
}
