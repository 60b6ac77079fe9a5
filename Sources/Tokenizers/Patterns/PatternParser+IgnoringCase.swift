// Literals whose case is ignored: "ss" is the same as "ß", and "ﬆ" the same as "st" (Oniguruma).
extension PatternParser {
  /// What is the same as neighbouring literals, one after the other.
  static func parts(_ literals: [UInt32]) -> [PatternNode] {
    var result: [PatternNode] = []
    var rest = literals[...]
    while let first = rest.first {
      if let (count, same) = CaseFolds.shared.text(at: rest) {
        result.append(.choice([text(Array(rest.prefix(count))), .set(same)]))
        rest = rest.dropFirst(count)
      } else {
        result.append(ignoringCase(first))
        rest = rest.dropFirst()
      }
    }
    return result
  }

  /// What is the same as one literal.
  static func ignoringCase(_ literal: UInt32) -> PatternNode {
    let same = CaseFolds.shared.same(as: literal)
    let texts = CaseFolds.shared.texts(in: same)
    return texts.isEmpty ? .set(same) : .choice([.set(same)] + texts.map(text))
  }

  /// Scalars one after the other, each in any case.
  static func text(_ scalars: [UInt32]) -> PatternNode {
    .sequence(scalars.map { .set(CaseFolds.shared.same(as: $0)) })
  }
}
