/// The name that a mistyped one probably means.
enum Suggestion {
  /// The nearest of some names; nil if none is near.
  static func nearest(to word: String, among names: [String]) -> String? {
    let scored = names.map { (name: $0, distance: distance($0, word)) }
    guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
    // A short word is near to everything.
    return best.distance <= max(1, min(2, word.count / 2)) ? best.name : nil
  }

  /// Insertions, removals, replacements and swaps of neighbours between two words (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let (first, second) = (Array(first), Array(second.prefix(64)))
    var before: [Int] = []
    var last = Array(0...second.count)
    for row in first.indices {
      var next = [row + 1]
      for column in second.indices {
        let cost = first[row] == second[column] ? 0 : 1
        var best = min(last[column] + cost, last[column + 1] + 1, next[column] + 1)
        if row > 0, column > 0, first[row] == second[column - 1], first[row - 1] == second[column] {
          best = min(best, before[column - 1] + 1)
        }
        next.append(best)
      }
      (before, last) = (last, next)
    }
    return last[second.count]
  }
}
