import CKernels
import Testing

extension KernelTests {
  @Suite struct BadNumbers {
    @Test("NaN in a token's activations makes that token NaN, and no other", arguments: types)
    func activations(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 16, cols: 256)
      for bad in [Float.nan, .infinity, -.infinity] {
        var x = [Float](repeating: 0.25, count: 3 * 256)
        x[256 + 77] = bad
        atEachLevel { _ in
          let out = matrix.product(x, tokens: 3)
          #expect(!out[16..<32].contains { $0.isFinite })
          #expect(sameBits(Array(out[..<16]), Array(out[32...])))
          #expect(!out[..<16].contains { !$0.isFinite })
        }
      }
    }

    @Test("activations of zero and of the smallest and largest sizes stay finite", arguments: quantisedTypes)
    func extremes(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 16, cols: 256)
      for size in [Float(0), .leastNonzeroMagnitude, .leastNormalMagnitude, 1e-30, 1e30] {
        let x = [Float](repeating: size, count: 256)
        atEachLevel { _ in
          let out = matrix.product(x, tokens: 1)
          #expect(!out.contains { !$0.isFinite }, "\(size)")
        }
      }
    }

    @Test("any bytes as weights give a result at every level without a trap", arguments: types)
    func weights(type: ck_type) {
      var numbers = Numbers(seed: 11)
      let count = 16 * 256 / ck_block_values(type) * ck_block_bytes(type)
      let x = numbers.floats(2 * 256)
      for pattern in 0..<4 {
        let bytes = (0..<count).map { _ in
          pattern == 0 ? 0xff : pattern == 1 ? 0x7c : UInt8(numbers.bits() & 0xff)
        }
        var row = [Float](repeating: 0, count: 256)
        ck_dequantize_row(type, bytes, &row, 256)
        let matrix = Matrix(type: type, rows: 16, cols: 256, weights: bytes, values: [])
        var finite: [Bool] = []
        atEachLevel { level in
          let out = matrix.product(x, tokens: 2)
          if level == CK_LEVEL_REFERENCE { finite = out.map(\.isFinite) }
          #expect(out.map(\.isFinite) == finite)
        }
      }
    }
  }
}
