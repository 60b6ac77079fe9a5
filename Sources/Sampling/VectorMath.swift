import Glibc

/// Loops over whole vocabularies, eight lanes at a time, with the same result on every processor.
enum VectorMath {
  typealias Lanes = SIMD8<Float>

  /// The largest value; -∞ for none.
  ///
  /// NaN is never the largest.
  static func maximum(_ values: UnsafeBufferPointer<Float>) -> Float {
    var best = Lanes(repeating: -.infinity)
    let blocks = values.count / Lanes.scalarCount
    if let base = UnsafeRawPointer(values.baseAddress) {
      for block in 0..<blocks {
        let lanes = base.loadUnaligned(fromByteOffset: block &* MemoryLayout<Lanes>.size, as: Lanes.self)
        best.replace(with: lanes, where: lanes .> best)
      }
    }
    var result = best.max()
    for index in blocks * Lanes.scalarCount..<values.count where values[index] > result {
      result = values[index]
    }
    return result
  }

  /// Writes exp(value - shift) for each and returns their sum.
  ///
  /// `shift` is finite and at least every value.
  static func exponentials(
    of values: UnsafeBufferPointer<Float>, minus shift: Float, into out: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    precondition(out.count >= values.count)
    guard let base = UnsafeRawPointer(values.baseAddress),
      let target = UnsafeMutableRawPointer(out.baseAddress)
    else { return 0 }
    let blocks = values.count / Lanes.scalarCount
    var total = 0.0
    var block = 0
    while block < blocks {
      // Short float sums, added up in double: the error stays near one float rounding for any vocabulary.
      let end = min(block + 64, blocks)
      var sum = Lanes.zero
      while block < end {
        let offset = block &* MemoryLayout<Lanes>.size
        let lanes = exponential(base.loadUnaligned(fromByteOffset: offset, as: Lanes.self) - shift)
        target.storeBytes(of: lanes, toByteOffset: offset, as: Lanes.self)
        sum += lanes
        block &+= 1
      }
      total += Double(sum.sum())
    }
    for index in blocks * Lanes.scalarCount..<values.count {
      let value = exponential(Lanes(repeating: values[index] - shift))[0]
      out[index] = value
      total += Double(value)
    }
    return total
  }

  /// The sum of exp(value - shift), NaN counting as nothing.
  static func sumOfExponentials(of values: UnsafeBufferPointer<Float>, minus shift: Float) -> Double {
    guard let base = UnsafeRawPointer(values.baseAddress) else { return 0 }
    let blocks = values.count / Lanes.scalarCount
    var total = 0.0
    var block = 0
    while block < blocks {
      let end = min(block + 64, blocks)
      var sum = Lanes.zero
      while block < end {
        let offset = block &* MemoryLayout<Lanes>.size
        sum += exponential(base.loadUnaligned(fromByteOffset: offset, as: Lanes.self) - shift)
        block &+= 1
      }
      total += Double(sum.sum())
    }
    for index in blocks * Lanes.scalarCount..<values.count {
      total += Double(exponential(Lanes(repeating: values[index] - shift))[0])
    }
    return total
  }

  /// exp(x) for x ≤ 0, within 2 units in the last place; 0 below -87 and for NaN.
  ///
  /// x = n·ln 2 + r with |r| ≤ ln 2 / 2; exp(r) as a Taylor polynomial of degree 7 (error below 5e-9), n added to the
  /// exponent bits. Adding 1.5·2²³ rounds to the nearest integer without an instruction that SSE2 lacks.
  @inline(__always)
  static func exponential(_ x: Lanes) -> Lanes {
    let rounder = Lanes(repeating: 12_582_912)
    var bounded = Lanes(repeating: -87)
    bounded.replace(with: x, where: x .> -87)
    let shifted = bounded * 1.442_695_04 + rounder
    let n = shifted - rounder
    let r = (bounded - n * 0.693_359_375) - n * -2.121_944_4e-4
    var p = r * (1.0 / 5040) + (1.0 / 720)
    p = p * r + (1.0 / 120)
    p = p * r + (1.0 / 24)
    p = p * r + (1.0 / 6)
    p = p * r + 0.5
    p = p * r + 1
    p = p * r + 1
    let exponent = unsafeBitCast(shifted, to: SIMD8<UInt32>.self) &<< 23
    let result = unsafeBitCast(unsafeBitCast(p, to: SIMD8<UInt32>.self) &+ exponent, to: Lanes.self)
    return result.replacing(with: 0, where: .!(x .> -87))
  }
}
