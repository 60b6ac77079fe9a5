/// The ranges of a text in which the spelling of a control token becomes that token.
struct SpecialRanges {
  private let everywhere: Bool
  private let starts: [Int]
  /// For each range the greatest end of this and all earlier ranges.
  private let ends: [Int]

  /// Checks that the ranges of `parsing` lie inside a text of `textBytes`.
  init(_ parsing: SpecialParsing, textBytes: Int) throws(TokenizerError) {
    everywhere = parsing == .all
    guard case .within(let ranges) = parsing else {
      starts = []
      ends = []
      return
    }
    for range in ranges where range.lowerBound < 0 || range.upperBound > textBytes {
      throw .range(range, textBytes: textBytes)
    }
    let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
    starts = sorted.map(\.lowerBound)
    var furthest = 0
    ends = sorted.map { range in
      furthest = max(furthest, range.upperBound)
      return furthest
    }
  }

  /// Whether `range` lies inside one of the ranges.
  func contains(_ range: Range<Int>) -> Bool {
    if everywhere { return true }
    var low = 0
    var high = starts.count
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] <= range.lowerBound { low = middle + 1 } else { high = middle }
    }
    return low > 0 && ends[low - 1] >= range.upperBound
  }
}
