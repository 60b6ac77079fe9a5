import CWorkbenchPlugin
import Glibc
import Testing

@Suite("The host's C code against plain statements of what it does") struct NativeTests {
  /// What `wb_check_candidates` should find.
  private func expected(_ ids: ArraySlice<Int32>, _ logits: ArraySlice<Float>, _ size: UInt32) -> wb_verdict {
    if logits.contains(where: \.isNaN) { return WB_HAS_NAN }
    if ids.contains(where: { $0 < 0 || $0 >= size }) { return WB_HAS_FOREIGN_TOKEN }
    return logits.contains { $0 > -.infinity } ? WB_FINE : WB_ALL_IMPOSSIBLE
  }

  @Test(
    "One wrong candidate is found wherever it is, at every alignment", arguments: [1, 2, 15, 16, 17, 33, 100])
  func findsEach(count: Int) {
    let wrong: [(Int32, Float)] = [
      (5, .nan), (5, -.nan), (5, Float(bitPattern: 0x7F80_0001)), (-1, 0), (.min, 0), (100, 0), (.max, 0),
      (99, 0), (0, .infinity), (0, -.infinity),
    ]
    for start in 0..<17 {
      for place in start..<start + count {
        for (id, logit) in wrong {
          var ids = [Int32](repeating: 7, count: start + count)
          var logits = [Float](repeating: -1, count: start + count)
          (ids[place], logits[place]) = (id, logit)
          let found = ids.withUnsafeBufferPointer { ids in
            logits.withUnsafeBufferPointer { logits in
              wb_check_candidates(
                ids.baseAddress.map { $0 + start }, logits.baseAddress.map { $0 + start }, count, 100)
            }
          }
          let wanted = expected(ids[start...], logits[start...], 100)
          if found != wanted {
            Issue.record("\(id), \(logit) at \(place) from \(start): \(found), not \(wanted)")
          }
        }
      }
    }
  }

  @Test("One possible candidate is enough, and none is an error", arguments: [1, 16, 31, 64, 257])
  func possible(count: Int) {
    let ids = (0..<Int32(count)).map { $0 }
    var logits = [Float](repeating: -.infinity, count: count)
    #expect(wb_check_candidates(ids, logits, count, 1000) == WB_ALL_IMPOSSIBLE)
    for place in 0..<count {
      logits[place] = -.greatestFiniteMagnitude
      #expect(wb_check_candidates(ids, logits, count, 1000) == WB_FINE)
      logits[place] = -.infinity
    }
  }

  @Test(
    "wb_sort orders by falling logit, then rising id, whatever it is given", arguments: [0, 1, 2, 3, 10, 257])
  func sorts(count: Int) {
    for levels in [1, 3, 1000] as [UInt64] {
      var state = UInt64(count) &* 31 &+ levels
      var ids = (0..<Int32(count)).map { ($0 &* 7) % Int32(max(count, 1)) }
      var logits = (0..<count).map { _ -> Float in
        let value = wb_random(&state) % levels
        return value == 2 ? -.infinity : Float(value)
      }
      let wanted = zip(ids, logits).sorted { ($1.1, $0.0) < ($0.1, $1.0) }
      ids.withUnsafeMutableBufferPointer { ids in
        logits.withUnsafeMutableBufferPointer { logits in
          var candidates = wb_candidates()
          (candidates.ids, candidates.logits, candidates.count) = (ids.baseAddress, logits.baseAddress, count)
          wb_sort(&candidates)
          #expect(candidates.is_sorted == 1 && candidates.count == count)
        }
      }
      #expect(ids == wanted.map(\.0) && logits == wanted.map(\.1))
    }
  }

  @Test("wb_softmax agrees with double precision, in place too")
  func softmax() {
    var state: UInt64 = 3
    let random = (0..<1000).map { _ in Float(wb_random(&state) % 40_000) / 1000 - 20 }
    let none: [Float] = [-.infinity, -.infinity]
    for row in [random, random + none, random + [1e30], none, [5]] {
      let largest = Double(row.max() ?? 0)
      let weights = row.map { (logit: Float) -> Double in
        logit > -Float.infinity ? exp(Double(logit) - largest) : 0
      }
      let sum = weights.reduce(0, +)
      var found = row
      found.withUnsafeMutableBufferPointer { wb_softmax($0.baseAddress, row.count, $0.baseAddress) }
      for (probability, weight) in zip(found, weights) {
        let wanted = sum > 0 ? weight / sum : 0
        #expect(abs(Double(probability) - wanted) <= 1e-6 * wanted + 1e-12)
      }
    }
  }

  @Test("The mode of arithmetic shows what -ffast-math changes, and no result does")
  func arithmetic() {
    let before = wb_arithmetic_mode()
    #expect(sqrt(2.0) / 3 > 0)
    #expect(wb_arithmetic_mode() == before)
    let rounding = fegetround()
    fesetround(rounding == FE_TONEAREST ? FE_UPWARD : FE_TONEAREST)
    let changed = wb_arithmetic_mode()
    fesetround(rounding)
    #expect(changed != before && wb_arithmetic_mode() == before)
  }
}
