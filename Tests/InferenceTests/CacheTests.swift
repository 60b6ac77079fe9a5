import Glibc
import Testing
import Tokens

@testable import Inference

@Suite("Paged cache")
struct CacheTests {
  let tiny: TinyModel
  let model: LanguageModel

  init() throws {
    tiny = try TinyModel("tied")
    model = try tiny.load(positions: 8 * 32)
  }

  private func fill(_ cache: KVCache, _ range: Range<Int>) throws {
    _ = try model.forward([BatchSlot(cache: cache, tokens: tiny.tokens[range], wantsLogits: false)])
  }

  @Test("Pages are taken as positions fill them and given back with the cache")
  func lifetime() throws {
    do {
      let cache = model.makeCache()
      #expect(model.cacheUsed == 0)
      try fill(cache, 0..<32)
      #expect(model.cacheUsed == 32)
      try fill(cache, 32..<33)
      #expect(model.cacheUsed == 64)
      #expect(cache.count == 33)
    }
    #expect(model.cacheUsed == 0)
    #expect(model.cacheCapacity == 256)
  }

  @Test("A fork shares full pages, copies a partial one, and goes on as if alone")
  func fork() throws {
    let cache = model.makeCache()
    try fill(cache, 0..<70)
    #expect(model.cacheUsed == 96)
    let fork = try cache.fork(count: 40)
    #expect(fork.count == 40)
    #expect(model.cacheUsed == 128)
    let exact = try cache.fork(count: 64)
    #expect(model.cacheUsed == 128)
    #expect(exact.count == 64)
    #expect(try cache.fork(count: 0).count == 0)

    let tail = Array(tiny.tokens[40..<60].reversed())
    let forked = try model.logits(fork, tail)
    let alone = try model.logits(model.makeCache(), Array(tiny.tokens[..<40]) + tail)
    #expect(forked == alone)
    // The original does not notice.
    let rest = try model.logits(cache, Array(tiny.tokens[70..<72]))
    let whole = try model.logits(model.makeCache(), tiny.tokens)
    #expect(rest == whole)
    #expect(throws: InferenceError.forkOutOfRange(count: 73, held: 72)) { try cache.fork(count: 73) }
    #expect(throws: InferenceError.forkOutOfRange(count: -1, held: 72)) { try cache.fork(count: -1) }
  }

  @Test("Cutting into a shared page and going on does not write to it")
  func copyOnWrite() throws {
    let cache = model.makeCache()
    try fill(cache, 0..<64)
    let fork = try cache.fork(count: 64)
    fork.truncate(to: 50)
    #expect(model.cacheUsed == 64)
    let tail = Array(tiny.tokens[..<10])
    let forked = try model.logits(fork, tail)
    #expect(model.cacheUsed == 96)
    #expect(forked == (try model.logits(model.makeCache(), Array(tiny.tokens[..<50]) + tail)))
    let rest = try model.logits(cache, Array(tiny.tokens[64..<72]))
    #expect(rest == (try model.logits(model.makeCache(), tiny.tokens)))
  }

  @Test("Truncating gives back pages that nobody else holds, and the positions can be filled again")
  func truncate() throws {
    let cache = model.makeCache()
    try fill(cache, 0..<72)
    let fork = try cache.fork(count: 64)
    cache.truncate(to: 100)
    #expect(cache.count == 72)
    cache.truncate(to: 20)
    #expect(cache.count == 20)
    #expect(model.cacheUsed == 64)
    fork.truncate(to: 0)
    #expect(model.cacheUsed == 32)
    let again = try model.logits(cache, Array(tiny.tokens[20...]))
    #expect(again == (try model.logits(model.makeCache(), tiny.tokens)))
    cache.truncate(to: -3)
    #expect(model.cacheUsed == 0)
  }

  @Test("When the pages do not suffice nothing changes, and the error counts positions")
  func full() throws {
    let first = model.makeCache()
    let second = model.makeCache()
    let third = model.makeCache()
    try fill(first, 0..<72)
    try fill(second, 0..<72)
    #expect(model.cacheUsed == 192)
    let slots = [first, third].map { BatchSlot(cache: $0, tokens: tiny.tokens[..<40], wantsLogits: false) }
    #expect(throws: InferenceError.cacheFull(needed: 96, free: 64, capacity: 256)) {
      try model.forward(slots)
    }
    #expect(first.count == 72)
    #expect(third.count == 0)
    #expect(model.cacheUsed == 192)
    try fill(third, 0..<64)
    #expect(throws: InferenceError.cacheFull(needed: 32, free: 0, capacity: 256)) {
      try first.fork(count: 40)
    }
    let shared = try first.fork(count: 64)
    shared.truncate(to: 63)
    #expect(throws: InferenceError.cacheFull(needed: 32, free: 0, capacity: 256)) { try fill(shared, 0..<1) }
    #expect(shared.count == 63)
  }

  @Test("A page that is handed out again holds nothing of its last holder", arguments: [1, 7, 32])
  func wiped(positions: Int) throws {
    let layout = PageLayout(layers: 3, heads: 2, headLength: 64, type: .f16)
    let pool = try PagePool(layout: layout, capacity: 4)
    let page = try #require(pool.take())
    for part in 0..<layout.layers * layout.heads * 2 {
      memset(pool.address(of: page) + part * 32 * 128, 0x7E, positions * 128)
    }
    // Marks only grow.
    pool.mark([page], last: positions)
    pool.mark([page], last: 1)
    let copy = try #require(pool.take())
    pool.copy(page, to: copy, positions: positions)
    pool.release([page, copy])
    for expected in [copy, page] {
      let again = try #require(pool.take())
      #expect(again == expected)
      #expect(isZero(again, in: pool))
    }
  }

  private func isZero(_ page: Int32, in pool: PagePool) -> Bool {
    UnsafeRawBufferPointer(start: pool.address(of: page), count: pool.layout.bytes).allSatisfy { $0 == 0 }
  }

  @Test("Free pages that are too many to stay backed go back to the system, and read as zero too")
  func returned() throws {
    let layout = PageLayout(layers: 32, heads: 32, headLength: 128, type: .f32)
    let pool = try PagePool(layout: layout, capacity: 4)
    #expect(layout.bytes * 3 > Limits.wipedBytes, "fewer than three stay")
    let pages = try (0..<4).map { _ in try #require(pool.take()) }
    for page in pages {
      memset(pool.address(of: page), 0x7E, 100)
      pool.mark([page], last: 1)
    }
    pool.release(pages[...])
    for _ in pages {
      let page = pool.address(of: try #require(pool.take()))
      #expect(UnsafeRawBufferPointer(start: page, count: 100).allSatisfy { $0 == 0 })
    }
    #expect(pool.take() == nil)
  }

  @Test("Long mixed use ends with no page lost")
  func churn() throws {
    var random = SystemRandomNumberGenerator()
    var caches: [KVCache] = []
    for _ in 0..<400 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: caches.append(model.makeCache())
      case 1:
        if let cache = caches.randomElement() {
          let start = Int.random(in: 0..<60, using: &random)
          try? fill(cache, start..<start + 12)
        }
      case 2:
        if let cache = caches.randomElement() {
          if let fork = try? cache.fork(count: Int.random(in: 0...cache.count, using: &random)) {
            caches.append(fork)
          }
        }
      default:
        if caches.count > 6 { caches.remove(at: Int.random(in: caches.indices, using: &random)) }
        if let cache = caches.randomElement() {
          cache.truncate(to: Int.random(in: 0...cache.count, using: &random))
        }
      }
    }
    let held = Set(caches.flatMap(\.pages))
    #expect(model.cacheUsed == held.count * 32)
    caches.removeAll()
    #expect(model.cacheUsed == 0)
    // Whatever was written where, nothing of it is left.
    for _ in 0..<8 { #expect(isZero(try #require(model.pool.take()), in: model.pool)) }
  }
}
