/// Maps every Unicode scalar to a small number, its symbol, such that scalars with the same symbol are in the same sets.
struct ScalarSymbols: Sendable {
  /// The number of symbols; they run from 0.
  let count: Int
  /// For each symbol the sets that it is in, as bits.
  let signatures: [UInt64]
  /// The symbols of pages of 256 scalars, one page after another; the first page is ASCII's.
  private let symbols: [UInt8]
  /// For each 256 scalars the page in `symbols`.
  private let pages: [UInt16]

  /// Symbols for up to 64 sets; throws when they need more than 255 numbers.
  init(_ sets: [ScalarSet]) throws(TokenizerError) {
    var starts: Set<UInt32> = [0]
    for set in sets {
      for range in set.ranges {
        starts.insert(range.lowerBound)
        if range.upperBound < ScalarSet.maximum { starts.insert(range.upperBound + 1) }
      }
    }
    var numbers: [UInt64: UInt8] = [:]
    var signatures: [UInt64] = []
    var builder = PageBuilder()
    let sorted = starts.sorted()
    for (index, start) in sorted.enumerated() {
      var signature: UInt64 = 0
      for (bit, set) in sets.enumerated() where set.contains(start) { signature |= 1 << UInt64(bit) }
      if numbers[signature] == nil {
        guard signatures.count < 255 else {
          throw .limit(name: "symbols of a pattern", found: signatures.count + 1, maximum: 255)
        }
        numbers[signature] = UInt8(signatures.count)
        signatures.append(signature)
      }
      let end = index + 1 < sorted.count ? sorted[index + 1] : ScalarSet.maximum + 1
      builder.add(Int(start)..<Int(end), numbers[signature] ?? 0)
    }
    self.signatures = signatures
    self.count = signatures.count
    self.symbols = builder.symbols
    self.pages = builder.pages
  }

  /// The symbol of a scalar of at most U+10FFFF.
  @inline(__always)
  subscript(scalar: UInt32) -> UInt8 {
    symbols[Int(pages[Int(scalar >> 8)]) << 8 | Int(scalar & 0xFF)]
  }

  /// The symbol of an ASCII byte.
  @inline(__always)
  subscript(ascii byte: UInt8) -> UInt8 {
    symbols[Int(byte)]
  }
}

/// Collects runs of symbols into pages; pages with only one symbol are shared.
private struct PageBuilder {
  var symbols: [UInt8] = []
  var pages: [UInt16] = []
  private var page: [UInt8] = []
  private var uniform: [UInt8: UInt16] = [:]

  /// Adds `run`, which begins where the last one ended.
  mutating func add(_ run: Range<Int>, _ symbol: UInt8) {
    var count = run.count
    while count > 0 {
      if page.isEmpty, count >= 256, !pages.isEmpty {
        let shared = uniform[symbol] ?? append([UInt8](repeating: symbol, count: 256))
        uniform[symbol] = shared
        pages.append(shared)
        count -= 256
        continue
      }
      let part = min(count, 256 - page.count)
      page += [UInt8](repeating: symbol, count: part)
      count -= part
      if page.count == 256 {
        pages.append(append(page))
        page = []
      }
    }
  }

  private mutating func append(_ page: [UInt8]) -> UInt16 {
    symbols += page
    return UInt16(symbols.count / 256 - 1)
  }
}
