import CKernels
import Foundation
import Testing

/// Every test of the module, one after another: they set the level, which is global.
@Suite(.serialized) enum KernelTests {}

/// The levels that this processor has.
let levels: [ck_level] = [CK_LEVEL_REFERENCE, CK_LEVEL_AVX2, CK_LEVEL_AVX512].filter {
  $0.rawValue <= ck_best_level().rawValue
}

/// Every tensor type.
let types: [ck_type] = [
  CK_F32, CK_F16, CK_BF16, CK_Q8_0, CK_Q4_0, CK_Q4_1, CK_Q5_0, CK_Q5_1, CK_Q2_K, CK_Q3_K, CK_Q4_K, CK_Q5_K,
  CK_Q6_K, CK_IQ4_NL, CK_IQ4_XS,
]

let quantisedTypes = types.filter { ck_block_values($0) > 1 }

extension ck_type {
  var name: String { String(cString: ck_type_name(self)) }
}

/// Runs `body` at each level, and puts the level back.
func atEachLevel(_ body: (ck_level) throws -> Void) rethrows {
  let before = ck_current_level()
  defer { _ = ck_set_level(before) }
  for level in levels {
    #expect(ck_set_level(level))
    try body(level)
  }
}

/// Numbers that are the same in every run (a linear congruence after Knuth).
struct Numbers {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func bits() -> UInt32 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return UInt32(truncatingIfNeeded: state >> 33)
  }

  mutating func float(_ size: Float = 1) -> Float { (Float(bits() & 0xffff) / 32768 - 1) * size }

  mutating func floats(_ count: Int, _ size: Float = 1) -> [Float] { (0..<count).map { _ in float(size) } }

  mutating func below(_ count: Int) -> Int { Int(bits()) % count }
}

/// Rows of random blocks, and what the Python package `gguf` makes of them (Fixtures/make_fixtures.py).
struct Fixture {
  let type: ck_type
  let rows: Int
  let cols: Int
  let rowBytes: Int
  let bytes: [UInt8]
  let floats: [Float]

  init(_ type: ck_type) throws {
    let url = try #require(
      Bundle.module.url(forResource: type.name, withExtension: "bin", subdirectory: "Fixtures"))
    let data = [UInt8](try Data(contentsOf: url))
    let header = (0..<4).map { field in (0..<4).reduce(0) { $0 | Int(data[4 * field + $1]) << (8 * $1) } }
    try #require(header[0] == Int(type.rawValue))
    self.type = type
    rows = header[1]
    cols = header[2]
    rowBytes = header[3]
    bytes = Array(data[16..<16 + rows * rowBytes])
    floats = data[(16 + rows * rowBytes)...].withUnsafeBytes { raw in
      (0..<header[1] * header[2]).map { raw.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
    }
  }

  /// A matrix of any number of rows, made of the fixture's first `cols` columns in turn.
  func matrix(rows count: Int, cols width: Int) -> Matrix {
    let used = width / ck_block_values(type) * ck_block_bytes(type)
    var weights: [UInt8] = []
    var values: [Float] = []
    for row in 0..<count {
      let source = (row * 5 + row / rows) % rows
      weights += bytes[source * rowBytes..<source * rowBytes + used]
      values += floats[source * cols..<source * cols + width]
    }
    return Matrix(type: type, rows: count, cols: width, weights: weights, values: values)
  }
}

/// A matrix in the file's layout, with its values.
struct Matrix {
  let type: ck_type
  let rows: Int
  let cols: Int
  let weights: [UInt8]
  let values: [Float]

  var panels: Int { (rows + 15) / 16 }

  /// The same columns `count` times over.
  func repeatingColumns(_ count: Int) -> Matrix {
    func repeated<Element>(_ elements: [Element]) -> [Element] {
      let length = elements.count / rows
      return (0..<rows).flatMap { row in
        (0..<count).flatMap { _ in elements[row * length..<(row + 1) * length] }
      }
    }
    return Matrix(
      type: type, rows: rows, cols: cols * count, weights: repeated(weights), values: repeated(values))
  }

  /// The packed form; `split` packs each panel by a call of its own.
  func packed(split: Bool = false) -> [UInt8] {
    var packed = [UInt8](repeating: 0xa5, count: ck_packed_bytes(type, rows, cols))
    let step = split ? 1 : panels
    for panel in stride(from: 0, to: panels, by: step) {
      ck_pack(type, weights, &packed, rows, cols, panel, panel + step)
    }
    return packed
  }

  /// Activations of `tokens` tokens packed at the level in use.
  func activations(
    _ x: [Float], tokens: Int, split: Bool = false
  ) -> [UInt8] {
    var packed = [UInt8](repeating: 0x5a, count: ck_activation_bytes(type, tokens, cols))
    let step = split ? 1 : tokens
    for token in stride(from: 0, to: tokens, by: step) {
      ck_pack_activations(type, x, cols, &packed, tokens, cols, token, token + step)
    }
    return packed
  }

  /// The product at the level in use, as tokens x rows; `split` computes each panel by a call of its own.
  func product(
    _ x: [Float], tokens: Int, split: Bool = false
  ) -> [Float] {
    let packed = packed()
    let activations = activations(x, tokens: tokens)
    var out = [Float](repeating: .nan, count: tokens * rows)
    let step = split ? 1 : panels
    for panel in stride(from: 0, to: panels, by: step) {
      ck_matmul(
        type, packed, activations, &out, rows, rows, cols, tokens, panel, panel + step)
    }
    return out
  }

  /// The exact product of the dequantised values, and the size of what was added up.
  func exactProduct(_ x: [Float], token: Int, row: Int) -> (sum: Double, size: Double) {
    var sum = 0.0
    var squares = 0.0
    for col in 0..<cols {
      let term = Double(values[row * cols + col]) * Double(x[token * cols + col])
      sum += term
      squares += term * term
    }
    return (sum, squares.squareRoot())
  }
}

/// Whether two arrays hold the same bits.
func sameBits(_ a: [Float], _ b: [Float]) -> Bool {
  a.count == b.count && zip(a, b).allSatisfy { $0.bitPattern == $1.bitPattern }
}
