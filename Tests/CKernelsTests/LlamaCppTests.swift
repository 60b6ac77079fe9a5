import CKernels
import Glibc
import Testing

/// Types that the arithmetic of llama.cpp takes.
private let ownTypes = types.filter { ck_arithmetic_takes(CK_ARITHMETIC_LLAMA_CPP, $0) }
private let both = [CK_ARITHMETIC_LLAMA_CPP, CK_ARITHMETIC_LLAMA_CPP_AMX]

extension KernelTests {
  /// What llama.cpp itself gives is compared over a whole model (InferenceTests); here, that every level means the same.
  @Suite("The arithmetic of llama.cpp") struct LlamaCpp {
    @Test("it takes the types whose blocks have 32 values, and no others")
    func takes() {
      #expect(
        Set(ownTypes.map(\.name)) == ["Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "IQ4_NL"])
      for type in types { #expect(ck_arithmetic_takes(CK_ARITHMETIC_OWN, type)) }
    }

    @Test(
      "products are close to exact ones, with the bits of the reference at every level", arguments: ownTypes)
    func products(type: ck_type) throws {
      let fixture = try Fixture(type)
      var numbers = Numbers(seed: 31)
      for (rows, cols, tokens) in [(1, 32, 1), (17, 256, 2), (33, 512, 5), (16, 256, 17), (5, 256, 99)] {
        let matrix = fixture.matrix(rows: rows, cols: cols)
        let x = numbers.floats(tokens * cols, 4)
        for arithmetic in both {
          var reference: [Float] = []
          atEachLevel { level in
            let out = matrix.product(x, tokens: tokens, arithmetic)
            if level == CK_LEVEL_REFERENCE { reference = out }
            #expect(sameBits(out, reference), "\(rows) x \(cols), \(tokens) tokens, level \(level.rawValue)")
          }
          let exact = matrix.exactProduct(x, token: 0, row: rows - 1)
          #expect(abs(Double(reference[rows - 1]) - exact.sum) <= 0.03 * exact.size)
        }
      }
    }

    @Test("more columns than are decoded at once", arguments: [CK_Q4_1, CK_Q8_0])
    func wideRows(type: ck_type) throws {
      let narrow = try Fixture(type).matrix(rows: 16, cols: 512)
      let wide = Matrix(
        type: type, rows: 16, cols: 512 * 9,
        weights: (0..<16).flatMap { row in
          let bytes = narrow.weights.count / 16
          return [[UInt8]](repeating: Array(narrow.weights[row * bytes..<(row + 1) * bytes]), count: 9)
            .flatMap { $0 }
        }, values: [])
      var numbers = Numbers(seed: 32)
      let x = numbers.floats(7 * wide.cols)
      var reference: [Float] = []
      atEachLevel { level in
        let out = wide.product(x, tokens: 7, CK_ARITHMETIC_LLAMA_CPP)
        if level == CK_LEVEL_REFERENCE { reference = out }
        #expect(sameBits(out, reference), "level \(level.rawValue)")
      }
    }

    @Test("a token's product does not depend on its company or how rows are split", arguments: ownTypes)
    func independent(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 50, cols: 256)
      var numbers = Numbers(seed: 33)
      let tokens = 101
      let x = numbers.floats(tokens * 256)
      atEachLevel { level in
        guard level != CK_LEVEL_REFERENCE else { return }
        let all = matrix.product(x, tokens: tokens, split: true, CK_ARITHMETIC_LLAMA_CPP)
        for token in [0, 2, 3, 7, 8, 95, 96, 100] {
          let alone = matrix.product(
            Array(x[token * 256..<(token + 1) * 256]), tokens: 1, CK_ARITHMETIC_LLAMA_CPP)
          #expect(sameBits(Array(all[token * 50..<(token + 1) * 50]), alone), "token \(token)")
        }
        let pair = matrix.product(Array(x[..<512]), tokens: 2, CK_ARITHMETIC_LLAMA_CPP)
        #expect(sameBits(pair, Array(all[..<100])))
      }
    }

    @Test("scales and sums of packed activations are halves", arguments: [CK_Q4_1, CK_Q8_0])
    func roundedActivations(type: ck_type) throws {
      let matrix = try Fixture(type).matrix(rows: 1, cols: 256)
      var numbers = Numbers(seed: 34)
      let x = numbers.floats(256, 100)
      let own = matrix.activations(x, tokens: 1)
      let rounded = matrix.activations(x, tokens: 1, CK_ARITHMETIC_LLAMA_CPP)
      let record = own.count / 8
      for group in 0..<8 {
        for word in 0..<record / 4 {
          let at = group * record + 4 * word
          let (before, after) = (float(own, at), float(rounded, at))
          let isRounded = word == 8 || (word == 9 && type == CK_Q4_1)
          #expect(after.bitPattern == (isRounded ? Float(Float16(before)) : before).bitPattern)
        }
      }
    }

    private func float(_ bytes: [UInt8], _ at: Int) -> Float {
      bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: at, as: Float.self) }
    }

    @Test("norms, silu and rotations are exact to a few units, with the same bits at every level")
    func layer() {
      var numbers = Numbers(seed: 35)
      let (x, weight) = (numbers.floats(577, 3), numbers.floats(577))
      let gates = (0..<801).map { Float($0) / 4 - 100 } + [1e30, -1e30, 133, -133, 134, -134, 0, -0.0]
      let ups = [Float](repeating: 1.5, count: gates.count)
      let angles = (0..<4).map { Float($0) * 0.7 + 0.1 }
      var reference: [[Float]] = []
      atEachLevel { level in
        var (normed, gate, turned) = (x, gates, x)
        ck_rms_norm(CK_ARITHMETIC_LLAMA_CPP, x, weight, &normed, 577, 1e-5)
        ck_silu_multiply(CK_ARITHMETIC_LLAMA_CPP, &gate, ups, gates.count)
        ck_rope(
          CK_ARITHMETIC_LLAMA_CPP, &turned, 3, 12, 8, angles.map { cosf($0) }, angles.map { sinf($0) }, true)
        if level == CK_LEVEL_REFERENCE {
          reference = [normed, gate, turned]
          checkLayer(x, weight, normed, gates, gate)
        }
        #expect(
          sameBits(normed, reference[0]) && sameBits(gate, reference[1]) && sameBits(turned, reference[2]))
      }
    }

    private func checkLayer(
      _ x: [Float], _ weight: [Float], _ normed: [Float], _ gates: [Float], _ gate: [Float]
    ) {
      let mean = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(x.count)
      for i in x.indices {
        let exact = Double(x[i]) / (mean + 1e-5).squareRoot() * Double(weight[i])
        #expect(abs(Double(normed[i]) - exact) <= 1e-6 * abs(exact))
      }
      for i in gates.indices {
        let exact = Double(gates[i]) / (1 + exp(-Double(gates[i]))) * 1.5
        #expect(abs(Double(gate[i]) - exact) <= 1e-6 * abs(exact) + 1e-30, "silu(\(gates[i]))")
      }
    }
  }
}
