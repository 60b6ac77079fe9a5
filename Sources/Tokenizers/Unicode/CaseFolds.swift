/// Which scalars and texts a pattern takes for the same when it ignores case.
struct CaseFolds: Sendable {
  /// The table of the reference's pattern engine.
  static let shared = CaseFolds()

  /// Scalars that are the same; every scalar is in at most one group.
  private(set) var groups: [[UInt32]] = []
  /// Texts of several scalars that are the same as a single one.
  private(set) var texts: [(scalar: UInt32, folded: [UInt32])] = []
  /// The group of each scalar that is in one.
  private var places: [UInt32: Int] = [:]

  private init() {
    var members: [UInt32: [UInt32]] = [:]
    for (scalar, targets) in Self.entries("\(UnicodeCaseFolds.text)") {
      if targets.count == 1 {
        members[targets[0], default: [targets[0]]].append(scalar)
      } else {
        texts.append((scalar, targets))
      }
    }
    groups = members.sorted { $0.key < $1.key }.map(\.value)
    for (place, group) in groups.enumerated() {
      for scalar in group { places[scalar] = place }
    }
  }

  /// The scalars that are the same as `scalar`, itself included.
  func same(as scalar: UInt32) -> ScalarSet {
    ScalarSet((places[scalar].map { groups[$0] } ?? [scalar]).map { $0...$0 })
  }

  /// The texts that are the same as a scalar of `set`, which has all scalars that are the same as one of its own.
  func texts(in set: ScalarSet) -> [[UInt32]] {
    texts.filter { set.contains($0.scalar) }.map(\.folded)
  }

  /// The longest text that `scalars` begin with, whatever their case, and the scalars that are the same as it.
  func text(at scalars: ArraySlice<UInt32>) -> (count: Int, same: ScalarSet)? {
    let found = texts.filter { text in
      text.folded.count <= scalars.count && zip(text.folded, scalars).allSatisfy { isSame($0, $1) }
    }
    return found.max { $0.folded.count < $1.folded.count }.map { ($0.folded.count, same(as: $0.scalar)) }
  }

  private func isSame(_ one: UInt32, _ other: UInt32) -> Bool {
    one == other || places[one] != nil && places[one] == places[other]
  }

  /// Entries such as "61>41+19": a scalar, absent if it follows the last one, its targets, and how many scalars after it
  /// have the next target each.
  private static func entries(_ text: String) -> [(UInt32, [UInt32])] {
    var result: [(UInt32, [UInt32])] = []
    var next: UInt32 = 0
    for entry in text.split(separator: ";") {
      let sides = entry.split(separator: ">")
      if sides.count == 2 { next = UInt32(sides[0], radix: 16) ?? next }
      let run = (sides.last ?? "").split(separator: "+")
      let targets = (run.first ?? "").split(separator: " ").compactMap { UInt32($0, radix: 16) }
      let last = run.count == 2 ? UInt32(run[1], radix: 16) ?? 0 : 0
      for step in 0...last { result.append((next + step, last > 0 ? targets.map { $0 + step } : targets)) }
      next += last + 1
    }
    return result
  }
}

extension ScalarSet {
  /// The set with all scalars that are the same as one of its own when case is ignored.
  var ignoringCase: ScalarSet {
    let touched = CaseFolds.shared.groups.filter { $0.contains(where: contains) }
    return touched.isEmpty ? self : union(ScalarSet(touched.joined().map { $0...$0 }))
  }
}
