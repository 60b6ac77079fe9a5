import CKernels
import Foundation
import Testing

/// The types that floats are turned into in blocks.
private let targets: [ck_type] = [CK_Q8_0, CK_Q5_0, CK_Q4_0, CK_Q4_K, CK_Q6_K]

extension KernelTests {
  @Suite struct Quantising {
    @Test("only types that have a quantiser are said to have one")
    func known() {
      let known = Set((targets + [CK_F32, CK_F16, CK_BF16]).map { Int32($0.rawValue) })
      for number in Int32(-2)...300 { #expect(ck_can_quantize(number) == known.contains(number)) }
    }

    @Test("real weights are no further off than llama.cpp's quantiser leaves them", arguments: targets)
    func isAsCloseAsLlamaCpp(type: ck_type) throws {
      let weights = try realWeights()
      let recorded = try JSONDecoder().decode(
        [String: Double].self, from: fixture("llama_cpp_errors", "json"))
      let expected = try #require(recorded[type.name])
      let blocks = try #require(quantised(weights, type))
      #expect(error(of: blocks, type, weights) <= expected)
    }

    @Test("every level gives the bytes of the plain form, whatever the values", arguments: targets)
    func levelsAgree(type: ck_type) throws {
      var numbers = Numbers(seed: 31)
      var rows = [Array(try realWeights().prefix(1536 * 3))]
      for count in 1...9 {
        // Values of very different sizes, with zeros, halves that are subnormal, and values that are all alike.
        rows.append(numbers.floats(256 * count, exp2(Float(numbers.below(60)) - 45)))
        rows.append((0..<256 * count).map { _ in numbers.below(4) == 0 ? numbers.float() : 0 })
        rows.append([Float](repeating: numbers.float(3), count: 256 * count))
        rows.append((0..<256 * count).map { _ in exp2(Float(numbers.below(50)) - 35) * numbers.float() })
        rows.append((0..<256 * count).map { _ in abs(numbers.float()) + 0.5 })
      }
      rows.append([Float](repeating: 0, count: 512))
      rows.append([Float](repeating: -65504, count: 512))
      var expected: [[UInt8]?] = []
      atEachLevel { level in
        let blocks = rows.map { quantised($0, type) }
        #expect(!blocks.contains(nil))
        if level == CK_LEVEL_REFERENCE { expected = blocks }
        for (index, row) in blocks.enumerated() { #expect(row == expected[index], "row \(index)") }
      }
    }

    @Test("a value is off by at most the step that its type can have there", arguments: targets)
    func isNear(type: ck_type) throws {
      // Steps from the least to the largest value of a group; a scale that is a subnormal half is rounded by up to 2^-25,
      // which 127 steps make 2^-18.
      let steps: Float = type == CK_Q8_0 ? 250 : type == CK_Q6_K ? 50 : type == CK_Q5_0 ? 25 : 11
      var numbers = Numbers(seed: 37)
      for exponent in stride(from: Float(-16), through: 15, by: 1) {
        let row = numbers.floats(512, exp2(exponent))
        let blocks = try #require(quantised(row, type))
        let values = dequantised(blocks, type, count: row.count)
        for (value, exact) in zip(values, row) {
          #expect(abs(value - exact) <= 2 * exp2(exponent) / steps + 0x1p-18, "\(exact) at 2^\(exponent)")
        }
      }
    }

    @Test("zeros stay zeros, and tiny values become no others")
    func zeros() throws {
      for type in targets {
        for size: Float in [0, 0x1p-149, 0x1p-60, 0x1p-31] {
          let blocks = try #require(quantised([Float](repeating: size, count: 512), type))
          #expect(dequantised(blocks, type, count: 512).allSatisfy { abs($0 - size) <= 0x1p-25 }, "\(size)")
        }
      }
    }

    @Test("floats are rounded to the nearest half and the nearest upper half")
    func halves() throws {
      var numbers = Numbers(seed: 41)
      let row = (0..<1000).map { _ in exp2(Float(numbers.below(30)) - 20) * numbers.float() }
      try atEachLevel { _ in
        let halves = dequantised(try #require(quantised(row, CK_F16)), CK_F16, count: row.count)
        #expect(halves == row.map { Float(Float16($0)) })
        let upper = dequantised(try #require(quantised(row, CK_BF16)), CK_BF16, count: row.count)
        for (value, exact) in zip(upper, row) { #expect(abs(value - exact) <= abs(exact) / 256) }
        #expect(upper.allSatisfy { $0.bitPattern & 0xffff == 0 })
        #expect(dequantised(try #require(quantised(row, CK_F32)), CK_F32, count: row.count) == row)
      }
    }

    @Test("the first value that a type cannot hold is found wherever it is", arguments: targets + [CK_F16])
    func unfit(type: ck_type) {
      atEachLevel { _ in
        for bad: Float in [.nan, .infinity, -.infinity, -.nan, 65536, -3e38] {
          for place in [0, 1, 15, 16, 63, 64, 255, 256, 500, 511] {
            var row = [Float](repeating: 0.25, count: 512)
            row[place] = bad
            row[511] = .nan
            var out = [UInt8](repeating: 0, count: 512 * 4)
            #expect(ck_quantize_row(type, row, &out, row.count) == place, "\(bad) at \(place)")
          }
        }
      }
    }

    @Test("wide floats take what is finite, and nothing else")
    func wideFloats() {
      var out = [UInt8](repeating: 0, count: 64)
      for (type, largest): (ck_type, Float) in [(CK_F32, 0x1.fffffep127), (CK_BF16, 0x1.fefffep127)] {
        for (value, fits) in [(largest, true), (-largest, true), (largest.nextUp, false), (.nan, false)] {
          #expect(ck_quantize_row(type, [1, value], &out, 2) == (fits ? 2 : 1), "\(value)")
        }
      }
    }

    private func fixture(_ name: String, _ kind: String) throws -> Data {
      let url = Bundle.module.url(forResource: name, withExtension: kind, subdirectory: "Fixtures")
      return try Data(contentsOf: try #require(url))
    }

    private func realWeights() throws -> [Float] {
      let data = try fixture("weights", "f16")
      return data.withUnsafeBytes { raw in raw.bindMemory(to: Float16.self).map { Float($0) } }
    }

    private func quantised(_ row: [Float], _ type: ck_type) -> [UInt8]? {
      var out = [UInt8](repeating: 0xa5, count: row.count / ck_block_values(type) * ck_block_bytes(type))
      return ck_quantize_row(type, row, &out, row.count) == row.count ? out : nil
    }

    private func dequantised(_ blocks: [UInt8], _ type: ck_type, count: Int) -> [Float] {
      var row = [Float](repeating: .nan, count: count)
      ck_dequantize_row(type, blocks, &row, count)
      return row
    }

    private func error(of blocks: [UInt8], _ type: ck_type, _ exact: [Float]) -> Double {
      let squares = zip(dequantised(blocks, type, count: exact.count), exact).reduce(0.0) { sum, pair in
        let off = Double(pair.0) - Double(pair.1)
        return sum + off * off
      }
      return (squares / Double(exact.count)).squareRoot()
    }
  }
}
