import Glibc

/// Loops over whole vocabularies, with the same result on every processor and in every build.
///
/// Written so that the optimiser turns them into vector code and an unoptimised build stays usable: plain counting
/// loops, no branches, sums in a fixed order.
enum VectorMath {
  /// Values in one part of a long loop: few enough to sum in single precision and to stay in the first-level cache.
  static let chunk = 512

  /// Values that share a peak.
  static let block = 64

  /// How many blocks `count` values make.
  @inline(__always)
  static func blocks(_ count: Int) -> Int { (count + block - 1) / block }

  /// Copies and writes the largest value of each block; true when every value is within `Limits.logitMagnitude`.
  ///
  /// If one is not (or is NaN), the peaks are meaningless.
  static func copy(
    _ source: UnsafeBufferPointer<Float>, to target: UnsafeMutableBufferPointer<Float>,
    peaks: UnsafeMutableBufferPointer<Float>
  ) -> Bool {
    precondition(target.count >= source.count && peaks.count >= blocks(source.count))
    guard let from = source.baseAddress, let to = target.baseAddress, let peaks = peaks.baseAddress else {
      return true
    }
    let room = 0x7FFF_FFFF - Limits.logitMagnitude.bitPattern
    var signs: UInt32 = 0
    var start = 0
    while start < source.count {
      let end = min(start + chunk, source.count)
      var index = start
      while index < end {
        // Without the sign, bits order as magnitudes do, NaN last: those beyond the limit overflow into the sign.
        signs |= (from[index].bitPattern & 0x7FFF_FFFF) &+ room
        to[index] = from[index]
        index &+= 1
      }
      for part in start / block..<blocks(end) {
        peaks[part] = peak(UnsafePointer(to + part &* block), min(block, end &- part &* block))
      }
      start = end
    }
    return signs <= 0x7FFF_FFFF
  }

  /// The largest of a few values, none of which is NaN.
  @inline(__always)
  static func peak(_ values: UnsafePointer<Float>, _ count: Int) -> Float {
    var (a, b, c, d) = (-Float.infinity, -Float.infinity, -Float.infinity, -Float.infinity)
    var index = 0
    // Four independent comparisons become one vector instruction; a reduction, or SIMD types, do not.
    if count == block {
      let half = block / 2
      while index < half {
        let (next, other) = (values + index, values + index + half)
        let w = next[0] > other[0] ? next[0] : other[0]
        let x = next[1] > other[1] ? next[1] : other[1]
        let y = next[2] > other[2] ? next[2] : other[2]
        let z = next[3] > other[3] ? next[3] : other[3]
        a = w > a ? w : a
        b = x > b ? x : b
        c = y > c ? y : c
        d = z > d ? z : d
        index &+= 4
      }
      return max(max(a, b), max(c, d))
    }
    while index < count {
      a = max(a, values[index])
      index &+= 1
    }
    return a
  }

  /// Writes the largest value of each block; no value is NaN.
  static func peaks(
    of values: UnsafeBufferPointer<Float>, into peaks: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(peaks.count >= blocks(values.count))
    for part in 0..<blocks(values.count) { peaks[part] = peak(of: values, part) }
  }

  /// The largest value of one block; no value is NaN.
  static func peak(of values: UnsafeBufferPointer<Float>, _ part: Int) -> Float {
    let start = part * block
    guard let base = values.baseAddress, start < values.count else { return -.infinity }
    return peak(base + start, min(block, values.count - start))
  }

  /// The largest value that is not NaN; -∞ if there is none.
  static func maximum(_ values: UnsafeBufferPointer<Float>) -> Float {
    guard let base = values.baseAddress else { return -.infinity }
    // As integers, whose maximum the optimiser may reorder; NaN orders below everything.
    let count = values.count
    var best = Int32.min
    var index = 0
    while index < count {
      let bits = Int32(bitPattern: base[index].bitPattern)
      let key = bits ^ ((bits >> 31) & 0x7FFF_FFFF)
      let ordered = key > 0x7F80_0000 ? Int32.min : key
      best = ordered > best ? ordered : best
      index &+= 1
    }
    // Keys below that of -∞ are those of negative NaN.
    if best < Int32(bitPattern: 0x807F_FFFF) { return -.infinity }
    return Float(bitPattern: UInt32(bitPattern: best ^ ((best >> 31) & 0x7FFF_FFFF)))
  }

  /// How many values are at least `floor`.
  static func count(atLeast floor: Float, _ values: UnsafeBufferPointer<Float>) -> Int {
    guard let base = values.baseAddress else { return 0 }
    let count = values.count
    var hits: Int32 = 0
    var index = 0
    while index < count {
      hits &+= base[index] >= floor ? 1 : 0
      index &+= 1
    }
    return Int(hits)
  }

  /// Whether a value of a block of `width` is at least `floor`.
  @inline(__always)
  static func hasAny(atLeast floor: Float, _ block: UnsafePointer<Float>, _ width: Int) -> Bool {
    var hits: Int32 = 0
    var index = 0
    while index < width {
      hits |= block[index] >= floor ? 1 : 0
      index &+= 1
    }
    return hits != 0
  }

  /// The sum of a few values.
  static func sum(of values: UnsafeBufferPointer<Float>) -> Double {
    guard let base = values.baseAddress else { return 0 }
    return sum(base, values.count)
  }

  /// The sum of weight · (value - shift), where no value is above `shift` and weights of values far below are 0.
  static func moment(
    of values: UnsafeBufferPointer<Float>, minus shift: Float, weights: UnsafeBufferPointer<Float>
  ) -> Double {
    precondition(weights.count >= values.count)
    guard let source = values.baseAddress, let weights = weights.baseAddress else { return 0 }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: chunk) { buffer in
      guard let target = buffer.baseAddress else { return 0 }
      var total = 0.0
      var start = 0
      while start < values.count {
        let count = min(chunk, values.count - start)
        var index = 0
        while index < count {
          let distance = source[start &+ index] - shift
          // Also for -∞, whose weight is 0.
          target[index] = weights[start &+ index] * (distance > -100 ? distance : -100)
          index &+= 1
        }
        total += sum(UnsafePointer(target), count)
        start += count
      }
      return total
    }
  }

  /// Sums in eight interleaved parts, whatever the processor.
  @inline(__always)
  static func sum(_ values: UnsafePointer<Float>, _ count: Int) -> Double {
    var parts = SIMD8<Float>.zero
    let blocks = count / 8
    var block = 0
    while block < blocks {
      parts += UnsafeRawPointer(values + block &* 8).loadUnaligned(as: SIMD8<Float>.self)
      block &+= 1
    }
    var total = 0.0
    for part in 0..<8 { total += Double(parts[part]) }
    for index in blocks * 8..<count { total += Double(values[index]) }
    return total
  }
}
