public import ModelFormats

/// Turns floats into the bytes of a tensor type, for models that tests make.
///
/// The 32-value types are rounded to the nearest value that they can hold, as ggml's reference quantisers do.
/// The 256-value types and IQ4_NL get random blocks of about the same size of values: good for running a
/// network, of no use for comparing with the floats.
public struct Quantizer: Sendable {
  private var out: [UInt8] = []

  /// The bytes of `values`, whose number is a multiple of the type's block.
  public static func bytes(
    _ values: [Float], as type: TensorType, random: inout SplitMix64
  ) -> [UInt8] {
    if type == .f32 { return values.withUnsafeBytes { [UInt8]($0) } }
    var quantizer = Quantizer()
    quantizer.out.reserveCapacity(values.count / type.blockValues * type.blockBytes)
    for start in stride(from: 0, to: values.count, by: type.blockValues) {
      quantizer.block(values[start..<(start + type.blockValues)], type, &random)
    }
    return quantizer.out
  }

  private mutating func block(_ x: ArraySlice<Float>, _ type: TensorType, _ random: inout SplitMix64) {
    switch type {
    case .f16: x.forEach { half($0) }
    // To the nearest, ties to even.
    case .bf16: x.forEach { put(UInt16(($0.bitPattern &+ 0x7FFF &+ ($0.bitPattern >> 16 & 1)) >> 16)) }
    case .q80: eight(x)
    case .q40: scaled(x, bits: 4)
    case .q41: ranged(x, bits: 4)
    case .q50: scaled(x, bits: 5)
    case .q51: ranged(x, bits: 5)
    default: randomBlock(type, size: x.reduce(0) { max($0, abs($1)) }, &random)
    }
  }

  private mutating func put(_ value: some FixedWidthInteger) {
    withUnsafeBytes(of: value.littleEndian) { out.append(contentsOf: $0) }
  }

  private mutating func half(_ value: Float) { put(Float16(value).bitPattern) }

  private mutating func eight(_ x: ArraySlice<Float>) {
    let scale = x.reduce(0) { max($0, abs($1)) } / 127
    half(scale)
    for value in x { put(Int8(clamping: scale == 0 ? 0 : Int((value / scale).rounded()))) }
  }

  /// A signed grid: the value of the greatest magnitude becomes its negative end.
  private mutating func scaled(_ x: ArraySlice<Float>, bits: Int) {
    let middle = Float(1 << (bits - 1))
    let extreme = x.max { abs($0) < abs($1) } ?? 0
    let scale = -extreme / middle
    half(scale)
    packed(x.map { scale == 0 ? middle : ($0 / scale + middle).rounded() }, bits: bits)
  }

  /// A grid from the least value to the greatest.
  private mutating func ranged(_ x: ArraySlice<Float>, bits: Int) {
    let least = x.min() ?? 0
    let scale = ((x.max() ?? 0) - least) / Float((1 << bits) - 1)
    half(scale)
    half(least)
    packed(x.map { scale == 0 ? 0 : (($0 - least) / scale).rounded() }, bits: bits)
  }

  /// Fifth bits in one word, if any; then nibbles, value `i` beside value `i + 16`.
  private mutating func packed(_ grid: [Float], bits: Int) {
    let codes = grid.map { UInt8(min(max($0, 0), Float((1 << bits) - 1))) }
    if bits == 5 {
      put(codes.enumerated().reduce(UInt32(0)) { $0 | UInt32($1.element >> 4) << UInt32($1.offset) })
    }
    for index in 0..<16 { put(codes[index] & 15 | codes[index + 16] << 4) }
  }

  /// Random bits with scales that keep values within `size` or a little more.
  private mutating func randomBlock(_ type: TensorType, size: Float, _ random: inout SplitMix64) {
    let start = out.count
    for _ in 0..<((type.blockBytes + 7) / 8) { put(random.next()) }
    out.removeLast(out.count - start - type.blockBytes)
    // Where the 16-bit floats of the block are, and the most that what they multiply comes to.
    let scales: [(at: Int, most: Float)] =
      switch type {
      case .q2K: [(80, 45), (82, 30)]
      case .q3K: [(108, 128)]
      case .q4K: [(0, 945), (2, 126)]
      case .q5K: [(0, 1_953), (2, 126)]
      case .q6K: [(208, 4_096)]
      case .iq4NL: [(0, 127)]
      case .iq4XS: [(0, 4_064)]
      default: []
      }
    for scale in scales {
      let bits = Float16(size / scale.most).bitPattern
      out[start + scale.at] = UInt8(truncatingIfNeeded: bits)
      out[start + scale.at + 1] = UInt8(truncatingIfNeeded: bits >> 8)
    }
  }
}
