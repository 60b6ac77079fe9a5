/// Exponentials of whole vocabularies.
extension VectorMath {
  /// Writes exp(value - shift) for each and returns their sum.
  ///
  /// `shift` is finite and at least every value. NaN and -∞ give 0.
  static func exponentials(
    of values: UnsafeBufferPointer<Float>, minus shift: Float, into out: UnsafeMutableBufferPointer<Float>
  ) -> Double {
    precondition(out.count >= values.count)
    guard let source = values.baseAddress, let target = out.baseAddress else { return 0 }
    var total = 0.0
    var start = 0
    while start < values.count {
      let count = min(chunk, values.count - start)
      fill(target + start, source + start, count, shift)
      total += sum(UnsafePointer(target + start), count)
      start += count
    }
    return total
  }

  /// The sum of exp(value - shift), with `shift` as above.
  static func sumOfExponentials(of values: UnsafeBufferPointer<Float>, minus shift: Float) -> Double {
    guard let source = values.baseAddress else { return 0 }
    return withUnsafeTemporaryAllocation(of: Float.self, capacity: chunk) { buffer in
      guard let target = buffer.baseAddress else { return 0 }
      var total = 0.0
      var start = 0
      while start < values.count {
        let count = min(chunk, values.count - start)
        fill(target, source + start, count, shift)
        total += sum(UnsafePointer(target), count)
        start += count
      }
      return total
    }
  }

  @inline(__always)
  private static func fill(
    _ target: UnsafeMutablePointer<Float>, _ source: UnsafePointer<Float>, _ count: Int, _ shift: Float
  ) {
    var index = 0
    while index < count {
      target[index] = exponential(source[index] - shift)
      index &+= 1
    }
  }

  /// exp(x) for x ≤ 0, within 2 units in the last place; 0 below -87 and for NaN.
  ///
  /// x = n·ln 2 + r with |r| ≤ ln 2 / 2; exp(r) as a Taylor polynomial of degree 7 (error below 5e-9), n added to the
  /// exponent bits. Adding 1.5·2²³ rounds to the nearest integer without an instruction that SSE2 lacks.
  @inline(__always)
  static func exponential(_ x: Float) -> Float {
    let rounder: Float = 12_582_912
    let bounded = x > -87 ? x : -87
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
    let result = Float(bitPattern: p.bitPattern &+ (shifted.bitPattern &<< 23))
    return x > -87 ? result : 0
  }
}
