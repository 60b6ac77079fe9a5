import CKernels
import Testing

/// The largest error of a product, relative to the root of the sum of the squared terms: activations of quantised
/// types are rounded to 8 bits (a step is 1/127 of the largest of 32 values); float types add up in floats.
private let quantisedTolerance = 0.02
private let floatTolerance = 1e-5

extension KernelTests {
  @Suite struct Matmul {
    @Test("products of every type are close to exact ones at every level", arguments: types)
    func closeToExact(type: ck_type) throws {
      let tolerance = ck_block_values(type) > 1 ? quantisedTolerance : floatTolerance
      let matrix = try Fixture(type).matrix(rows: 19, cols: 512)
      var numbers = Numbers(seed: 7)
      let x = numbers.floats(3 * 512, 4)
      atEachLevel { level in
        let out = matrix.product(x, tokens: 3)
        for token in 0..<3 {
          for row in 0..<19 {
            let exact = matrix.exactProduct(x, token: token, row: row)
            let error = abs(Double(out[token * 19 + row]) - exact.sum)
            #expect(error <= tolerance * exact.size, "\(type.name) row \(row) level \(level.rawValue)")
          }
        }
      }
    }

    @Test(
      "every level gives the bits of the reference, for odd numbers of rows and 1 to 17 tokens",
      arguments: types)
    func levelsAgree(type: ck_type) throws {
      let fixture = try Fixture(type)
      var numbers = Numbers(seed: 8)
      for (rows, cols, tokens) in [(1, 256, 1), (15, 256, 2), (17, 256, 17), (33, 512, 5), (80, 256, 9)] {
        let matrix = fixture.matrix(rows: rows, cols: cols)
        let x = numbers.floats(tokens * cols)
        var reference: [Float] = []
        atEachLevel { level in
          let out = matrix.product(x, tokens: tokens)
          if level == CK_LEVEL_REFERENCE { reference = out }
          #expect(
            sameBits(out, reference),
            "\(type.name) \(rows) x \(cols), \(tokens) tokens, level \(level.rawValue)")
        }
      }
    }

    @Test("rows of more columns than are decoded at once give the bits of the reference", arguments: types)
    func wideRows(type: ck_type) throws {
      let narrow = try Fixture(type).matrix(rows: 16, cols: 512)
      let wide = narrow.repeatingColumns(3)
      var numbers = Numbers(seed: 32)
      for tokens in [1, 7, 10] {
        let x = numbers.floats(tokens * wide.cols)
        var reference: [Float] = []
        atEachLevel { level in
          let out = wide.product(x, tokens: tokens)
          if level == CK_LEVEL_REFERENCE { reference = out }
          #expect(sameBits(out, reference), "\(tokens) tokens, level \(level.rawValue)")
        }
        let exact = wide.exactProduct(x, token: tokens - 1, row: 15)
        #expect(abs(Double(reference[tokens * 16 - 1]) - exact.sum) <= quantisedTolerance * exact.size)
      }
    }

    @Test("one block of columns is enough", arguments: types)
    func oneBlock(type: ck_type) throws {
      let cols = ck_block_values(type)
      let matrix = try Fixture(type).matrix(rows: 16, cols: cols)
      let x = [Float](repeating: 1, count: cols)
      atEachLevel { _ in
        let exact = matrix.exactProduct(x, token: 0, row: 3)
        #expect(
          abs(Double(matrix.product(x, tokens: 1)[3]) - exact.sum) <= 1e-4 + quantisedTolerance * exact.size)
      }
    }

    @Test(
      "a token's result does not depend on its company, its place or how rows are split", arguments: types)
    func independent(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 50, cols: 512)
      var numbers = Numbers(seed: 9)
      let x = numbers.floats(33 * 512)
      atEachLevel { level in
        let tokens = level == CK_LEVEL_REFERENCE ? 9 : 33
        let all = matrix.product(Array(x[..<(tokens * 512)]), tokens: tokens, split: true)
        for token in [0, 3, 7, 8, tokens - 1] {
          let alone = matrix.product(Array(x[token * 512..<(token + 1) * 512]), tokens: 1)
          #expect(sameBits(Array(all[token * 50..<(token + 1) * 50]), alone), "token \(token)")
        }
        for count in 2...7 {
          let few = matrix.product(Array(x[512..<(count + 1) * 512]), tokens: count)
          #expect(sameBits(few, Array(all[50..<(count + 1) * 50])), "\(count) tokens")
        }
      }
    }

    @Test("packing activations token by token, at any level, gives the same bytes", arguments: types)
    func activationsInParts(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 1, cols: 256)
      var numbers = Numbers(seed: 10)
      let x = numbers.floats(21 * 256, 100)
      var reference: [UInt8] = []
      atEachLevel { level in
        let whole = matrix.activations(x, tokens: 21)
        if level == CK_LEVEL_REFERENCE { reference = whole }
        #expect(whole == reference)
        #expect(whole == matrix.activations(x, tokens: 21, split: true))
      }
    }

    @Test(
      "searched steps of activations are never worse than the plain ones, and mostly better",
      arguments: [CK_Q8_0, CK_Q5_0, CK_IQ4_NL])
    func searchedSteps(type: ck_type) throws {
      var numbers = Numbers(seed: 12)
      var x = numbers.floats(64 * 256, 3)
      // A few large ones, as models have.
      for index in stride(from: 0, to: x.count, by: 71) { x[index] *= 40 }
      x.replaceSubrange(0..<32, with: repeatElement(-0.25, count: 32))
      x.replaceSubrange(32..<64, with: [1e30] + repeatElement(1e-30, count: 31))
      let searched = try squaredErrors(x, type: type)
      let plain = try squaredErrors(x, type: CK_Q4_0)
      for (group, (error, other)) in zip(searched, plain).enumerated() {
        // Sixteen bits of fixed point may cost a little where the plain steps fit exactly.
        let size = x[group * 32..<(group + 1) * 32].reduce(0) { $0 + Double($1) * Double($1) }
        #expect(error <= other * 1.01 + size * 1e-9, "group \(group)")
      }
      let better = zip(searched, plain).count { $0 < $1 * 0.98 }
      #expect(better > searched.count / 2)
    }

    @Test("only the rows of the asked panels are written", arguments: [CK_Q4_1, CK_F16])
    func writesItsRowsOnly(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 37, cols: 256)
      let packed = matrix.packed()
      let x = [Float](repeating: 0.5, count: 10 * 256)
      atEachLevel { _ in
        for tokens in [1, 10] {
          let activations = matrix.activations(Array(x[..<(tokens * 256)]), tokens: tokens)
          var out = [Float](repeating: -7, count: tokens * 40)
          ck_matmul(type, packed, activations, &out, 40, 37, 256, tokens, 1, 3)
          for (index, value) in out.enumerated() {
            #expect((value == -7) == (index % 40 < 16 || index % 40 >= 37))
          }
        }
      }
    }
  }
}

/// The squared error of each group of 32 values of one token's activations, as packed for a type with an offset.
private func squaredErrors(_ x: [Float], type: ck_type) throws -> [Double] {
  let packed = Matrix(type: type, rows: 1, cols: x.count, weights: [], values: []).activations(x, tokens: 1)
  return stride(from: 0, to: x.count, by: 32).map { first in
    let record = packed[first / 32 * 40..<(first / 32 + 1) * 40]
    let scale = Double(record.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 32, as: Float.self) })
    return zip(record, x[first..<first + 32]).reduce(0) { sum, pair in
      let error = Double(Int8(bitPattern: pair.0)) * scale - Double(pair.1)
      return sum + error * error
    }
  }
}
