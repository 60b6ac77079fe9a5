/// A splitting pattern as a tree.
indirect enum PatternNode: Sendable {
  /// One scalar of a set.
  case set(ScalarSet)
  /// One after the other.
  case sequence([PatternNode])
  /// The first that matches, in order of preference.
  case choice([PatternNode])
  /// As often as possible (if lazy, as rarely) between `minimum` and `maximum` times; nil means no limit.
  case `repeat`(PatternNode, minimum: Int, maximum: Int?, isLazy: Bool)
  /// The next scalar, which is not taken, is in the set; with `orEnd` the end of the text also matches.
  case next(ScalarSet, orEnd: Bool)
  /// The last scalar is in the set; with `orStart` the start of the text also matches.
  case previous(ScalarSet, orStart: Bool)
  /// What follows (or, if not `isAhead`, what precedes) matches, or does not.
  case look(PatternNode, isAhead: Bool, isNegative: Bool)
  /// The lookaround with this number, whose answers are computed beforehand, holds or does not.
  case looked(Int, isNegative: Bool)
  /// Only the preferred match of the inner pattern.
  case atomic(PatternNode)

  /// Matches nothing, everywhere.
  static let nothing = PatternNode.sequence([])

  /// The tree that matches the text read backwards.
  var reversed: PatternNode {
    switch self {
    case .set, .look, .looked: self
    case .sequence(let parts): .sequence(parts.reversed().map(\.reversed))
    case .choice(let alternatives): .choice(alternatives.map(\.reversed))
    case .repeat(let body, let minimum, let maximum, let isLazy):
      .repeat(body.reversed, minimum: minimum, maximum: maximum, isLazy: isLazy)
    case .next(let set, let orEnd): .previous(set, orStart: orEnd)
    case .previous(let set, let orStart): .next(set, orEnd: orStart)
    case .atomic(let body): .atomic(body.reversed)
    }
  }
}

// Anchors and atomic groups in terms of the rest.
extension PatternNode {
  /// `^`: the start of a line, which the end of the text is not unless it is also its start.
  static var lineStart: PatternNode {
    let lineEnd = ScalarSet(scalars: ["\n"])
    return .choice([textStart, .sequence([.previous(lineEnd, orStart: false), .next(.all, orEnd: false)])])
  }

  /// `\A`: the start of the text.
  static var textStart: PatternNode { .previous(.empty, orStart: true) }
  /// `\z`: the end of the text.
  static var textEnd: PatternNode { .next(.empty, orEnd: true) }

  /// `\b`, or `\B` if not `isEdge`.
  static func wordEdge(_ isEdge: Bool) -> PatternNode {
    let (word, other) = (ScalarSet.word, ScalarSet.word.complement)
    let (inside, outside) = (PatternNode.next(word, orEnd: false), PatternNode.next(other, orEnd: true))
    return .choice([
      .sequence([.previous(word, orStart: false), isEdge ? outside : inside]),
      .sequence([.previous(other, orStart: true), isEdge ? inside : outside]),
    ])
  }

  /// A node that matches only the preferred match of this one at each place; nil if greedy repetition and lookahead
  /// cannot express that.
  var withoutGivingBack: PatternNode? {
    if isUnique { return self }
    switch self {
    case .sequence(let parts): return Self.sequenceWithoutGivingBack(parts)
    case .choice(let alternatives): return Self.choiceWithoutGivingBack(alternatives)
    case .repeat(let body, let minimum, _, true):
      return body.isUnique ? .repeat(body, minimum: minimum, maximum: minimum, isLazy: false) : nil
    case .repeat(let body, let minimum, let maximum, false):
      guard body.isUnique else { return nil }
      let noMore: PatternNode =
        if case .set(let set) = body {
          .next(set.complement, orEnd: true)
        } else {
          .look(body, isAhead: true, isNegative: true)
        }
      guard let maximum else { return .sequence([self, noMore]) }
      let fewer = PatternNode.repeat(body, minimum: minimum, maximum: maximum - 1, isLazy: false)
      return .choice([
        .repeat(body, minimum: maximum, maximum: maximum, isLazy: false), .sequence([fewer, noMore]),
      ])
    default: return nil
    }
  }

  /// A sequence qualifies if no part can begin with something that the part before could give back.
  private static func sequenceWithoutGivingBack(_ parts: [PatternNode]) -> PatternNode? {
    var result: [PatternNode] = []
    for (index, part) in parts.enumerated() {
      guard let fixed = part.withoutGivingBack else { return nil }
      if index + 1 < parts.count, !part.isUnique {
        guard case .repeat(.set(let set), _, nil, false) = part, let next = parts[index + 1].first,
          next.intersection(set).isEmpty
        else { return nil }
      }
      result.append(fixed)
    }
    return .sequence(result)
  }

  /// An alternative counts only where no earlier one matches.
  private static func choiceWithoutGivingBack(_ alternatives: [PatternNode]) -> PatternNode? {
    guard areFew(alternatives) else { return nil }
    var result: [PatternNode] = []
    for (index, alternative) in alternatives.enumerated() {
      guard let fixed = alternative.withoutGivingBack else { return nil }
      let rivals = alternatives[..<index].filter { !excludes($0, alternative) }
      let guards = rivals.map { PatternNode.look($0, isAhead: true, isNegative: true) }
      result.append(guards.isEmpty ? fixed : .sequence(guards + [fixed]))
    }
    return .choice(result)
  }

  /// Whether comparing each alternative with each is quick: more than these have no automaton unless they begin alike.
  private static func areFew(_ alternatives: [PatternNode]) -> Bool {
    alternatives.count <= Limits.patternSets
  }

  /// Whether the two begin with different scalars.
  private static func excludes(_ one: PatternNode, _ other: PatternNode) -> Bool {
    guard let left = one.first, let right = other.first else { return false }
    return left.intersection(right).isEmpty
  }

  /// Whether all matches that begin at one place also end at one place.
  private var isUnique: Bool {
    if length != nil { return true }
    switch self {
    case .atomic: return true
    case .sequence(let parts): return parts.allSatisfy(\.isUnique)
    case .choice(let alternatives):
      guard Self.areFew(alternatives) else { return false }
      return alternatives.indices.allSatisfy { index in
        alternatives[index].isUnique
          && alternatives[..<index].allSatisfy { Self.excludes($0, alternatives[index]) }
      }
    default: return false
    }
  }

  /// The scalars that a match can begin with; nil if it may be empty or they are not known.
  private var first: ScalarSet? {
    switch self {
    case .set(let set): return set
    case .sequence(let parts): return parts.first?.first
    case .choice(let alternatives):
      return alternatives.reduce(ScalarSet?.some(.empty)) { sum, alternative in
        guard let sum, let set = alternative.first else { return nil }
        return sum.union(set)
      }
    case .repeat(let body, let minimum, _, _): return minimum > 0 ? body.first : nil
    case .atomic(let body): return body.first
    default: return nil
    }
  }

  /// The number of scalars of every match; nil if matches differ in length.
  private var length: Int? {
    switch self {
    case .set: return 1
    case .next, .previous, .look, .looked: return 0
    case .atomic(let body): return body.length
    case .sequence(let parts):
      return parts.reduce(Int?.some(0)) { sum, part in
        guard let sum, let length = part.length else { return nil }
        let (total, overflow) = sum.addingReportingOverflow(length)
        return overflow ? nil : total
      }
    case .choice(let alternatives):
      let lengths = Set(alternatives.map(\.length))
      return lengths.count == 1 ? lengths.first ?? nil : nil
    case .repeat(let body, let minimum, let maximum, _):
      guard minimum == maximum, let length = body.length else { return nil }
      return length.multipliedReportingOverflow(by: minimum).overflow ? nil : length * minimum
    }
  }
}
