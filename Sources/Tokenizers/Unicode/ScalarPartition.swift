/// All scalars, each under one code: its general category, or its script.
struct ScalarPartition: Sendable {
  /// The general categories, by their two-letter codes ("Lu").
  static let categories = ScalarPartition(UnicodeCategories.runs, codeLength: 2)
  /// The scripts, by their four-letter codes ("Latn").
  static let scripts = ScalarPartition(UnicodeScripts.runs, codeLength: 4)
  /// The scripts that the pre-tokenizer UnicodeScripts tells apart, by the code of their first scalar.
  static let scriptsOfSplitting = ScalarPartition(UnicodeScriptsOfSplitting.runs, codeLength: 4)

  /// The bytes of each code as one number, and the code's scalars, lowest first.
  private var ranges: [UInt32: [ClosedRange<UInt32>]] = [:]

  /// Decodes a table whose codes have `codeLength` ASCII letters, at most four.
  private init(_ text: StaticString, codeLength: Int) {
    text.withUTF8Buffer { bytes in
      var position = 0
      var next: UInt32 = 0
      while position + codeLength <= bytes.count {
        let code = Self.packed(bytes[position..<(position + codeLength)])
        position += codeLength
        var extra: UInt32 = 0
        // Codes begin with upper-case letters, numbers have none.
        while position < bytes.count, bytes[position] < 0x41 || bytes[position] > 0x5A,
          let digit = ByteToken.digit(bytes[position])
        {
          extra = extra << 4 | UInt32(digit)
          position += 1
        }
        ranges[code, default: []].append(next...min(next + extra, ScalarSet.maximum))
        next += extra + 1
      }
    }
  }

  private static func packed(_ code: some Sequence<UInt8>) -> UInt32 {
    code.reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// The scalars of `code`; nil if there is no such code.
  subscript(code: String) -> ScalarSet? {
    guard code.utf8.count <= 4 else { return nil }
    return ranges[Self.packed(code.utf8)].map { ScalarSet($0) }
  }

  /// The scalars of every two-letter code that begins with the ASCII letter `first`; nil if there is none.
  func group(_ first: UInt8) -> ScalarSet? {
    let members = ranges.filter { $0.key >> 8 == UInt32(first) }.values
    return members.isEmpty ? nil : ScalarSet(members.flatMap { $0 })
  }

  /// A number for every scalar, the same for scalars of one code; none for those of `code`.
  func numbers(except code: String) -> ScalarTable {
    var table = ScalarTable()
    for (number, entry) in ranges.enumerated() where entry.key != Self.packed(code.utf8) {
      for scalar in entry.value.joined() { table[scalar] = Int32(number) }
    }
    return table
  }
}
