import ModelFormats
import Testing

@Suite("Tensor types")
struct TensorTypeTests {
  /// Number, name, values and bytes of a block, as `gguf.GGML_QUANT_SIZES` of the Python package has them.
  static let reference: [(Int32, String, Int, Int)] = [
    (0, "F32", 1, 4), (1, "F16", 1, 2), (2, "Q4_0", 32, 18), (3, "Q4_1", 32, 20), (6, "Q5_0", 32, 22),
    (7, "Q5_1", 32, 24), (8, "Q8_0", 32, 34), (10, "Q2_K", 256, 84), (11, "Q3_K", 256, 110),
    (12, "Q4_K", 256, 144), (13, "Q5_K", 256, 176), (14, "Q6_K", 256, 210), (20, "IQ4_NL", 32, 18),
    (23, "IQ4_XS", 256, 136), (30, "BF16", 1, 2),
  ]

  @Test("numbers, names and block sizes are ggml's", arguments: reference)
  func table(_ row: (number: Int32, name: String, values: Int, bytes: Int)) throws {
    let type = try #require(TensorType(rawValue: row.number))
    #expect((type.name, type.blockValues, type.blockBytes) == (row.name, row.values, row.bytes))
    #expect(TensorType(name: row.name.lowercased()) == type)
    #expect(row.bytes % type.alignment == 0)
  }

  @Test("the table has every type")
  func whole() {
    #expect(Set(Self.reference.map(\.0)) == Set(TensorType.allCases.map(\.rawValue)))
    #expect(TensorType(name: "Q9_9") == nil)
  }

  @Test("sizes are right, or nil instead of wrapping around")
  func sizes() {
    #expect(TensorType.q40.byteCount(shape: [4_096, 14_336]) == 33_030_144)
    #expect(TensorType.f32.byteCount(shape: []) == 4)
    #expect(TensorType.q80.byteCount(shape: [33, 32]) == nil)
    #expect(TensorType.f32.byteCount(shape: [4, -1]) == nil)
    #expect(TensorType.f32.byteCount(shape: [4, (1 << 30) - 1, (1 << 30) + 1]) == nil)
    #expect(TensorType.f32.byteCount(shape: [1 << 32, 1 << 32]) == nil)
    #expect(TensorType.f32.byteCount(shape: [1 << 62]) == nil)
    #expect(TensorType.q80.byteCount(shape: [.max - 31]) == nil)
    #expect(TensorType.q40.byteCount(shape: [.max - 31]) == (.max - 31) / 32 * 18)
    #expect(TensorType.elementCount(shape: [.max, 2]) == nil)
    #expect(TensorType.elementCount(shape: [.max, 0]) == 0)
  }
}
