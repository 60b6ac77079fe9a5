import CKernels
import Glibc
import Testing

extension KernelTests {
  @Suite struct Layer {
    @Test(
      "rms norm is exact to a few units in the last place, alike at every level",
      arguments: [1, 15, 16, 576, 577])
    func rmsNorm(count: Int) {
      var numbers = Numbers(seed: 20)
      let x = numbers.floats(count, 3)
      let weight = numbers.floats(count)
      let mean = x.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(count)
      var reference: [Float] = []
      atEachLevel { level in
        var out = x
        out.withUnsafeMutableBufferPointer {
          ck_rms_norm($0.baseAddress, weight, $0.baseAddress, count, 1e-5)
        }
        for i in 0..<count {
          let exact = Double(x[i]) / (mean + 1e-5).squareRoot() * Double(weight[i])
          #expect(abs(Double(out[i]) - exact) <= 1e-6 * abs(exact))
        }
        if level == CK_LEVEL_REFERENCE { reference = out }
        #expect(sameBits(out, reference))
      }
    }

    @Test("silu and addition match exact ones, from -100 to 100 and beyond", arguments: [1, 7, 16, 801])
    func siluAndAdd(count: Int) {
      let x = (0..<count).map { Float($0) / 4 - 100 }
      let up = [Float](repeating: 1.5, count: count)
      var reference: [Float] = []
      atEachLevel { level in
        var gate = x
        ck_silu_multiply(&gate, up, count)
        for i in 0..<count {
          let exact = Double(x[i]) / (1 + exp(-Double(x[i]))) * 1.5
          #expect(abs(Double(gate[i]) - exact) <= 1e-6 * abs(exact) + 1e-30, "silu(\(x[i]))")
        }
        if level == CK_LEVEL_REFERENCE { reference = gate }
        #expect(sameBits(gate, reference))
        var sum = x
        ck_add(&sum, up, count)
        #expect(sum == x.map { $0 + 1.5 })
      }
      var odd: [Float] = [.nan, .infinity, -.infinity, -0.0, 1e38, -1e38]
      ck_silu_multiply(&odd, [1, 1, 1, 1, 1, 1], 6)
      #expect(odd[0].isNaN && odd[1] == .infinity && odd[3] == 0 && odd[4] == 1e38)
      #expect(odd[2] <= 0 || odd[2].isNaN)
    }

    @Test(
      "rope turns pairs by their angle, neighbours or halves, and leaves the rest alone",
      arguments: [true, false])
    func rope(interleaved: Bool) {
      let (heads, dim, rotary) = (3, 12, 8)
      let angles = (0..<rotary / 2).map { Float($0) * 0.7 + 0.1 }
      var numbers = Numbers(seed: 21)
      let x = numbers.floats(heads * dim)
      atEachLevel { _ in
        var out = x
        ck_rope(
          &out, heads, dim, rotary, angles.map { cosf($0) }, angles.map { sinf($0) },
          interleaved)
        for head in 0..<heads {
          for i in 0..<rotary / 2 {
            let first = head * dim + (interleaved ? 2 * i : i)
            let second = first + (interleaved ? 1 : rotary / 2)
            let (a, b, angle) = (Double(x[first]), Double(x[second]), Double(angles[i]))
            #expect(abs(Double(out[first]) - (a * cos(angle) - b * sin(angle))) < 1e-6)
            #expect(abs(Double(out[second]) - (a * sin(angle) + b * cos(angle))) < 1e-6)
          }
          for i in rotary..<dim { #expect(out[head * dim + i] == x[head * dim + i]) }
        }
      }
    }

    @Test("every half comes back as itself, and floats round to the nearest half")
    func halves() {
      let all = (0...UInt16.max).map { $0 }
      atEachLevel { _ in
        var floats = [Float](repeating: 0, count: all.count)
        ck_from_f16(all, &floats, all.count)
        for half in stride(from: 0, through: 65535, by: 7) {
          let exact = Float(Float16(bitPattern: UInt16(half)))
          #expect(floats[half] == exact || (floats[half].isNaN && exact.isNaN))
        }
        var back = [UInt16](repeating: 0, count: all.count)
        ck_to_f16(floats, &back, all.count)
        for half in all where back[Int(half)] != half { #expect(Float16(bitPattern: half).isNaN) }
        var numbers = Numbers(seed: 22)
        let x =
          numbers.floats(999, 1e-6) + numbers.floats(999, 3) + [65519, 65520, -1e9, .infinity, 5e-8, 2e-8]
        var rounded = [UInt16](repeating: 0, count: x.count)
        ck_to_f16(x, &rounded, x.count)
        #expect(rounded == x.map { Float16($0).bitPattern })
      }
    }

    @Test("argmax finds the first of the largest, and never NaN against a number")
    func argmax() {
      atEachLevel { _ in
        var numbers = Numbers(seed: 23)
        for count in [1, 2, 15, 16, 17, 100, 1000] {
          var x = numbers.floats(count)
          let expected = x.indices.max { x[$0] < x[$1] || (x[$0] == x[$1] && $0 > $1) }
          #expect(ck_argmax(x, count) == expected)
          for place in [0, count / 2, count - 1] {
            x = [Float](repeating: .nan, count: count)
            #expect(ck_argmax(x, count) == 0)
            x[place] = -.infinity
            #expect(ck_argmax(x, count) == place)
            x = [Float](repeating: 2, count: count)
            x[place] = 3
            #expect(ck_argmax(x, count) == place)
          }
        }
      }
    }

    @Test(
      "parts of a softmax add up to it to a few units, alike at every level",
      arguments: [1, 15, 16, 511, 512, 513, 49_152])
    func softmax(count: Int) {
      var numbers = Numbers(seed: 24)
      let x = numbers.floats(count, 30)
      let largest = x.max() ?? 0
      let exact = x.reduce(0.0) { $0 + exp(Double($1) - Double(largest)) }
      let size = Int(CK_SOFTMAX_VALUES)
      func parts(_ x: [Float]) -> [ck_softmax_part] {
        stride(from: 0, to: x.count, by: size).map { start in
          let part = Array(x[start..<min(start + size, x.count)])
          return ck_softmax_of(part, part.count)
        }
      }
      var reference = 0.0
      atEachLevel { level in
        let found = parts(x)
        #expect(found.map(\.largest).max() == largest)
        let sum = ck_softmax_sum(found, found.count, largest)
        #expect(abs(sum - exact) <= 1e-6 * exact)
        if level == CK_LEVEL_REFERENCE { reference = sum }
        #expect(sum == reference)
        var odd = x
        odd[count - 1] = .nan
        #expect(parts(odd).last?.sum.isNaN == true)
        odd[count - 1] = .infinity
        #expect(parts(odd).last?.largest == .infinity && parts(odd).last?.sum.isNaN == true)
        // Values without a probability, beside others and alone.
        odd[count - 1] = -.infinity
        odd.append(largest)
        let more = parts(odd)
        #expect(ck_softmax_sum(more, more.count, largest).isFinite)
        let nothing = ck_softmax_of([-.infinity, -.infinity], 2)
        #expect(nothing.largest == -.infinity && nothing.sum == 0)
        #expect(ck_softmax_of([.nan], 1).sum.isNaN)
      }
    }
  }
}
