import CKernels
import Glibc
import Testing

/// Scores and weights are floats, and the exponential is good to about 2e-7: values are near 1.
private let attentionTolerance = 3e-6

/// One KV head with its queries.
private struct Case: CustomStringConvertible {
  var queries = 1
  var keys: Int
  var group = 1
  var dim = 16
  var page = 16
  var window = 0
  var type = CK_CACHE_F16

  var description: String {
    "\(queries) queries of \(keys) keys, group \(group), dim \(dim), page \(page), window \(window), \(type == CK_CACHE_F16 ? "f16" : "f32")"
  }
}

/// The numbers of a case; what lies behind the last key is NaN.
private struct Cache {
  let test: Case
  let k: [Float]
  let v: [Float]
  let q: [Float]

  init(_ test: Case, seed: UInt64 = 1) {
    self.test = test
    var numbers = Numbers(seed: seed)
    let pages = (test.keys + test.page - 1) / test.page
    func values(_ size: Float) -> [Float] {
      (0..<pages * test.page * test.dim).map {
        guard $0 / test.dim < test.keys else { return .nan }
        let value = numbers.float(size)
        return test.type == CK_CACHE_F16 ? Float(Float16(value)) : value
      }
    }
    k = values(2)
    v = values(1)
    q = numbers.floats(test.queries * test.group * test.dim, 2)
  }

  /// Values as the cache keeps them.
  private func stored(_ values: [Float]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: values.count * ck_cache_value_bytes(test.type))
    ck_to_cache(test.type, values, &bytes, values.count)
    return bytes
  }

  /// Attention of the queries in `range`, at the level in use.
  func attend(_ range: Range<Int>) -> [Float] {
    let width = test.group * test.dim
    var out = [Float](repeating: .nan, count: range.count * width)
    let step = test.page * test.dim * ck_cache_value_bytes(test.type)
    stored(k).withUnsafeBytes { k in
      stored(v).withUnsafeBytes { v in
        let kPages = stride(from: 0, to: k.count, by: step).map { k.baseAddress?.advanced(by: $0) }
        let vPages = stride(from: 0, to: v.count, by: step).map { v.baseAddress?.advanced(by: $0) }
        Array(q[range.lowerBound * width..<range.upperBound * width]).withUnsafeBufferPointer { q in
          out.withUnsafeMutableBufferPointer { out in
            kPages.withUnsafeBufferPointer { kPages in
              vPages.withUnsafeBufferPointer { vPages in
                var work = ck_attention_work(
                  q: q.baseAddress, q_stride: width, out: out.baseAddress, out_stride: width,
                  cache_type: test.type, k_pages: kPages.baseAddress, v_pages: vPages.baseAddress,
                  page_tokens: test.page,
                  queries: range.count, group: test.group, head_dim: test.dim,
                  first_position: test.keys - test.queries + range.lowerBound, window: test.window,
                  scale: 1 / Float(test.dim).squareRoot())
                var scratch = [Float](repeating: .nan, count: ck_attention_scratch(&work))
                ck_attention(&work, &scratch)
              }
            }
          }
        }
      }
    }
    return out
  }

  /// The same in double precision, for one query's head.
  func exact(query: Int, head: Int) -> [Double] {
    let last = test.keys - test.queries + query
    let first = test.window > 0 ? max(0, last - test.window + 1) : 0
    let at = (query * test.group + head) * test.dim
    let scores = (first...last).map { key in
      (0..<test.dim).reduce(0.0) {
        $0 + Double(q[at + $1]) * Double(k[key * test.dim + $1])
      } / Double(test.dim).squareRoot()
    }
    let largest = scores.max() ?? 0
    let weights = scores.map { exp($0 - largest) }
    let sum = weights.reduce(0, +)
    return (0..<test.dim).map { d in
      zip(first...last, weights).reduce(0.0) {
        $0 + $1.1 / sum * Double(v[$1.0 * test.dim + d])
      }
    }
  }
}

extension KernelTests {
  @Suite struct Attention {
    private static let cases = [
      Case(keys: 1), Case(keys: 63), Case(keys: 64, dim: 64), Case(keys: 65, group: 3),
      Case(queries: 9, keys: 9),
      Case(queries: 40, keys: 70, group: 3, page: 17),
      Case(queries: 5, keys: 200, group: 2, dim: 80, page: 64),
      Case(queries: 7, keys: 150, group: 4, dim: 24, page: 1, window: 10),
      Case(queries: 66, keys: 130, page: 256, window: 64), Case(queries: 3, keys: 129, dim: 10, window: 1),
      Case(queries: 40, keys: 70, group: 3, page: 17, type: CK_CACHE_F32),
      Case(queries: 3, keys: 129, dim: 10, type: CK_CACHE_F32),
    ]

    @Test(
      "attention is close to an exact one at every level, for pages, windows and groups", arguments: cases)
    private func closeToExact(test: Case) {
      let cache = Cache(test)
      var reference: [Float] = []
      atEachLevel { level in
        let out = cache.attend(0..<test.queries)
        if level == CK_LEVEL_REFERENCE { reference = out }
        #expect(sameBits(out, reference), "level \(level.rawValue)")
      }
      for query in Set([0, test.queries / 2, test.queries - 1]) {
        for head in 0..<test.group {
          let at = (query * test.group + head) * test.dim
          for (got, exact) in zip(reference[at...], cache.exact(query: query, head: head)) {
            #expect(abs(Double(got) - exact) <= attentionTolerance)
          }
        }
      }
    }

    @Test("a query's result does not depend on how the prompt was cut", arguments: cases)
    private func chunks(test: Case) {
      let cache = Cache(test, seed: 2)
      atEachLevel { _ in
        let whole = cache.attend(0..<test.queries)
        for size in [1, 2, 5, 31] {
          var pieces: [Float] = []
          for start in stride(from: 0, to: test.queries, by: size) {
            pieces += cache.attend(start..<min(start + size, test.queries))
          }
          #expect(sameBits(pieces, whole), "pieces of \(size)")
        }
      }
    }
  }
}
