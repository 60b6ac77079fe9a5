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
  private func stored(_ values: ArraySlice<Float>) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: values.count * ck_cache_value_bytes(test.type))
    ck_to_cache(test.type, Array(values), &bytes, values.count)
    return bytes
  }

  /// The pages of the cache: keys, then values.
  func pages() -> [[UInt8]] {
    let size = test.page * test.dim
    return stride(from: 0, to: k.count, by: size).map {
      stored(k[$0..<$0 + size]) + stored(v[$0..<$0 + size])
    }
  }

  /// Attention of the queries in `range`, at the level in use.
  func attend(_ range: Range<Int>) -> [Float] {
    let width = test.group * test.dim
    let pages = Pages(pages())
    let part = pages.part(row: 0, range.count, position: test.keys - test.queries + range.lowerBound)
    return attention(
      test, [part], shared: 0, Array(q[range.lowerBound * width..<range.upperBound * width]))
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

/// Pages in memory that stays where it is.
private final class Pages {
  private let table: UnsafeMutableBufferPointer<UnsafeRawPointer?>

  init(_ pages: [[UInt8]]) {
    table = .allocate(capacity: pages.count)
    for (index, page) in pages.enumerated() {
      let copy = UnsafeMutableRawPointer.allocate(byteCount: page.count, alignment: 64)
      copy.copyMemory(from: page, byteCount: page.count)
      table.initializeElement(at: index, to: UnsafeRawPointer(copy))
    }
  }

  func part(row: Int, _ queries: Int, position: Int) -> ck_attention_part {
    ck_attention_part(
      pages: UnsafePointer(table.baseAddress), first_row: row, queries: queries, first_position: position)
  }

  /// Takes the first `count` pages of another sequence in place of its own.
  func share(_ count: Int, of other: Pages) {
    for index in 0..<count { swap(index, other.table[index]) }
  }

  private func swap(_ index: Int, _ page: UnsafeRawPointer?) {
    table[index]?.deallocate()
    table[index] = page
    borrowed = max(borrowed, index + 1)
  }

  private var borrowed = 0

  deinit {
    for page in table[borrowed...] { page?.deallocate() }
    table.deallocate()
  }
}

/// Attention of parts with the shape of `test`; every row of `q` belongs to a part.
private func attention(_ test: Case, _ parts: [ck_attention_part], shared: Int, _ q: [Float]) -> [Float] {
  let width = test.group * test.dim
  let values = test.page * test.dim * ck_cache_value_bytes(test.type)
  var out = [Float](repeating: .nan, count: q.count)
  var scratch = [Float](repeating: .nan, count: ck_attention_scratch(test.group, test.dim))
  parts.withUnsafeBufferPointer { parts in
    q.withUnsafeBufferPointer { q in
      out.withUnsafeMutableBufferPointer { out in
        var work = ck_attention_work(
          parts: parts.baseAddress, part_count: parts.count, shared: shared, q: q.baseAddress,
          q_stride: width, out: out.baseAddress, out_stride: width, cache_type: test.type,
          page_tokens: test.page, key_offset: 0, value_offset: values, group: test.group,
          head_dim: test.dim, window: test.window, scale: 1 / Float(test.dim).squareRoot())
        ck_attention(&work, &scratch)
      }
    }
  }
  return out
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

    private static let companies: [(pages: Int, Case)] = [
      (4, Case(keys: 70, group: 3, dim: 64)), (9, Case(keys: 200, group: 3, dim: 64)),
      (8, Case(keys: 150, group: 1, dim: 24)), (8, Case(keys: 150, group: 4, dim: 16, window: 40)),
      (2, Case(keys: 300, group: 2, dim: 10, page: 64, type: CK_CACHE_F32)),
      (12, Case(keys: 200, group: 3, dim: 32, window: 1)),
    ]

    @Test(
      "queries of sequences that begin alike get, together, bit for bit what each gets alone",
      arguments: companies)
    private func company(pages: Int, test: Case) {
      let width = test.group * test.dim
      let shared = pages * test.page
      // Some go on for a token, some for many; together they have no more queries than fit.
      let counts = [7, 1, 12, 3, 1, 8]
      let ends = counts.indices.map { max(shared, test.keys - 11 * $0) + counts[$0] }
      let caches = counts.indices.map { index in
        var own = test
        own.queries = counts[index]
        own.keys = ends[index]
        return Cache(own, seed: 10 + UInt64(index))
      }
      let tables = caches.map { Pages($0.pages()) }
      for table in tables.dropFirst() { table.share(pages, of: tables[0]) }
      var row = 0
      let parts = counts.indices.map { index in
        defer { row += counts[index] }
        return tables[index].part(row: row, counts[index], position: ends[index] - counts[index])
      }
      let q = caches.flatMap(\.q)
      atEachLevel { level in
        let together = attention(test, parts, shared: shared, q)
        for (index, part) in parts.enumerated() {
          let rows = part.first_row * width..<(part.first_row + part.queries) * width
          var alone = part
          alone.first_row = 0
          let expected = attention(test, [alone], shared: 0, Array(q[rows]))
          #expect(sameBits(Array(together[rows]), expected), "level \(level.rawValue), part \(index)")
        }
      }
      withExtendedLifetime(tables) {}
    }
  }
}
