import Glibc
import Inference
import Testing
import Tokens

@Suite("Forward passes")
struct ForwardTests {
  static let cases = ["tied", "window", "quantised"]

  @Test("Logits are bit for bit the same however a prompt is cut", arguments: cases)
  func cutting(name: String) throws {
    let tiny = try TinyModel(name)
    let model = try tiny.load()
    let whole = try model.logits(model.makeCache(), tiny.tokens)
    for step in [1, 7, 31, 32, 33] {
      let cache = model.makeCache()
      var logits: [Float] = []
      for start in stride(from: 0, to: tiny.tokens.count, by: step) {
        logits = try model.logits(cache, Array(tiny.tokens[start...].prefix(step)))
      }
      #expect(logits == whole, "pieces of \(step)")
    }
    let size = model.vocabularySize
    #expect(Array(try model.allLogits(tiny.tokens).suffix(size)) == whole)
  }

  @Test("Logits are bit for bit the same whatever else is in the batch", arguments: cases)
  func company(name: String) throws {
    let tiny = try TinyModel(name)
    let model = try tiny.load(positions: 4096)
    let alone = try model.logits(model.makeCache(), tiny.tokens)
    // Prompts of many lengths around it, some of which do not want logits.
    let slots = (0..<9).map { index in
      let tokens = index == 4 ? tiny.tokens : Array(tiny.tokens.shuffled().prefix(1 + 9 * index))
      return BatchSlot(
        cache: model.makeCache(), tokens: tokens[...], wantsLogits: index % 3 != 0 || index == 4)
    }
    let results = try model.forward(slots)
    #expect(results.map { $0 == nil } == slots.map { !$0.wantsLogits })
    #expect(try Array(#require(results[4])) == alone)
  }

  @Test("Sequences that decode together get what they would get alone", arguments: cases)
  func decoding(name: String) throws {
    let tiny = try TinyModel(name)
    let model = try tiny.load(positions: 4096)
    let caches = (0..<5).map { _ in model.makeCache() }
    var together: [[Float]] = []
    for step in 0..<40 {
      let slots = caches.enumerated().map { index, cache in
        BatchSlot(cache: cache, tokens: tiny.tokens[(index + step)...(index + step)], wantsLogits: true)
      }
      together = try model.forward(slots).map { try Array(#require($0)) }
    }
    for index in caches.indices {
      let alone = try model.logits(model.makeCache(), Array(tiny.tokens[index..<index + 40]))
      #expect(together[index] == alone, "sequence \(index)")
    }
  }

  @Test("The number of threads does not change a bit", arguments: cases)
  func threads(name: String) throws {
    let tiny = try TinyModel(name)
    let one = try tiny.load(threads: 1)
    let expected = try one.allLogits(tiny.tokens)
    for threads in [2, 3, 5] {
      let model = try tiny.load(threads: threads)
      #expect(try model.allLogits(tiny.tokens) == expected, "\(threads) threads")
    }
  }

  @Test("More rows than a batch takes go in pieces")
  func manyRows() throws {
    let tiny = try TinyModel("tied")
    let model = try tiny.load(positions: 4096)
    let alone = try model.logits(model.makeCache(), tiny.tokens)
    let slots = (0..<20).map { _ in
      BatchSlot(cache: model.makeCache(), tokens: tiny.tokens[...], wantsLogits: true)
    }
    for logits in try model.forward(slots) { #expect(try Array(#require(logits)) == alone) }
  }

  @Test("Scored rows are bit for bit those of a sequence alone, in company, in any pieces", arguments: cases)
  func scoring(name: String) throws {
    let tiny = try TinyModel(name)
    let model = try tiny.load(positions: 8192)
    let size = model.vocabularySize
    let all = try model.allLogits(tiny.tokens)
    func row(_ index: Int) -> [Float] { Array(all[index * size..<(index + 1) * size]) }
    for step in [1, 30, 64, 100, tiny.tokens.count] {
      let caches = (0..<7).map { _ in model.makeCache() }
      for start in stride(from: 0, to: tiny.tokens.count, by: step) {
        let tokens = tiny.tokens[start...].prefix(step)
        // Some want every row, some a part, some none.
        let slots = caches.enumerated().map { index, cache in
          let scored = [0..<tokens.count, 0..<0, tokens.count / 2..<tokens.count, 0..<1][index % 4]
          return BatchSlot(cache: cache, tokens: tokens, wantsLogits: index % 3 == 0, scoredRows: scored)
        }
        var found: [[Int]] = []
        let last = try model.forward(slots) { scored in
          found.append([scored.slot, scored.row])
          #expect(Array(scored.distribution.logits) == row(start + scored.row))
        }
        #expect(
          found == slots.enumerated().flatMap { slot in slot.element.scoredRows.map { [slot.offset, $0] } })
        for (slot, logits) in zip(slots, last) {
          #expect(logits.map { Array($0) } == (slot.wantsLogits ? row(start + tokens.count - 1) : nil))
        }
      }
    }
  }

  @Test("The log-probabilities of a row are those of the logits that transformers computes")
  func distribution() throws {
    for name in ["tied", "window", "biases"] {
      let tiny = try TinyModel(name)
      let model = try tiny.load()
      let slot = BatchSlot(
        cache: model.makeCache(), tokens: tiny.tokens[...], wantsLogits: false,
        scoredRows: 0..<tiny.tokens.count - 1)
      _ = try model.forward([slot]) { scored in
        let logits = tiny.logits[scored.row * model.vocabularySize..<(scored.row + 1) * model.vocabularySize]
        let sum = logits.reduce(0.0) { $0 + exp(Double($1)) }
        for (token, logit) in logits.enumerated() {
          let expected = Double(logit) - log(sum)
          #expect(abs(Double(scored.distribution[TokenID(token)]) - expected) < 2e-3)
        }
        #expect(scored.distribution.isValid)
        #expect(logits.max() == logits[logits.startIndex + scored.distribution.likeliest.index])
      }
    }
  }

  @Test("A distribution of what are not numbers says so; -∞ is a probability of 0")
  func oddDistributions() {
    func distribution(_ row: [Float], _ body: (LogSoftmax) -> Void) {
      row.withUnsafeBufferPointer { body(LogSoftmax($0)) }
    }
    distribution([.nan, 1, 2]) { #expect(!$0.isValid) }
    distribution([.infinity, 1]) { #expect(!$0.isValid) }
    distribution([-.infinity, -.infinity]) { #expect(!$0.isValid) }
    distribution([3, -.infinity, 3]) { row in
      #expect(row.isValid && row.likeliest == 0 && row[1] == -.infinity)
      #expect(abs(row[0] - logf(0.5)) < 1e-6 && row[0] == row[2])
    }
    distribution([5]) { #expect($0[0] == 0) }
  }

  @Test("No slots give no results")
  func nothing() throws {
    #expect(try TinyModel("tied").load().forward([]).isEmpty)
  }

  @Test("Bad slots are refused before anything changes")
  func refused() throws {
    let tiny = try TinyModel("tied")
    let model = try tiny.load()
    let other = try tiny.load()
    let good = model.makeCache()
    let cache = model.makeCache()
    let tokens = tiny.tokens[..<8]
    func slot(_ cache: KVCache, _ tokens: ArraySlice<TokenID>) -> BatchSlot<KVCache> {
      BatchSlot(cache: cache, tokens: tokens, wantsLogits: true)
    }
    let long = Array(repeating: tokens, count: 17).flatMap { $0 }
    let wrong: [(BatchSlot<KVCache>, InferenceError)] = [
      (slot(cache, []), .emptySlot(slot: 1)),
      (slot(good, tokens), .duplicateCache(slot: 1)),
      (slot(other.makeCache(), tokens), .foreignCache(slot: 1)),
      (slot(cache, [1, 64]), .tokenOutOfRange(slot: 1, index: 1, token: 64, vocabularySize: 64)),
      (slot(cache, [-1]), .tokenOutOfRange(slot: 1, index: 0, token: -1, vocabularySize: 64)),
      (slot(cache, long[...]), .contextFull(slot: 1, positions: 136, limit: 128)),
    ]
    for (bad, error) in wrong {
      #expect(throws: error) { try model.forward([slot(good, tokens), bad]) }
      #expect(throws: InferenceError.self) {
        try model.forwardAll(bad.cache === good ? slot(good, []) : bad) { _, _ in }
      }
    }
    let many = (0...512).map { _ in slot(model.makeCache(), tokens) }
    #expect(throws: InferenceError.tooManySlots(found: 513, limit: 512)) { try model.forward(many) }
    #expect(good.count == 0)
    #expect(cache.count == 0)
    #expect(model.cacheUsed == 0)
  }
}
