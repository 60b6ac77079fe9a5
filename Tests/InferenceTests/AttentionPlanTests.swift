import CKernels
import Testing
import Tokens

@testable import Inference

@Suite("Attention of sequences with a common beginning")
struct AttentionPlanTests {
  /// Rows of a sequence whose pages have these numbers.
  private struct Sequence {
    var pages: [Int]
    var position: Int
    var rows: Int
  }

  /// What blocks a plan makes: for each, positions shared and rows of its parts.
  private func blocks(_ sequences: [Sequence], most: Int = 32) -> [(shared: Int, rows: [Int])] {
    let total = sequences.reduce(0) { $0 + $1.rows }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 4096 + total * 128, alignment: 64)
    defer { memory.deallocate() }
    var arena = Arena(base: memory)
    var plan = AttentionPlan(rows: total, &arena)
    let tables = sequences.map { sequence in
      let table = UnsafeMutablePointer<UnsafeRawPointer?>.allocate(capacity: sequence.pages.count)
      for (index, page) in sequence.pages.enumerated() {
        (table + index).initialize(to: UnsafeRawPointer(bitPattern: page))
      }
      return table
    }
    defer { for table in tables { table.deallocate() } }
    var row = 0
    for (sequence, table) in zip(sequences, tables) {
      plan.add(
        rows: row..<row + sequence.rows, position: sequence.position, pages: UnsafePointer(table), most: most)
      row += sequence.rows
    }
    // Every row is in one part, in order.
    var next = 0
    for index in 0..<plan.partCount {
      #expect(plan.parts[index].first_row == next)
      next += plan.parts[index].queries
    }
    #expect(next == total)
    return (0..<plan.blockCount).map { index in
      let block = plan.blocks[index]
      let rows = (0..<block.count).map { block.parts[$0].queries }
      #expect(rows.reduce(0, +) == block.rows && block.rows <= 32)
      return (block.shared, rows)
    }
  }

  private func expect(_ found: [(shared: Int, rows: [Int])], _ shared: [Int], _ rows: [[Int]]) {
    #expect(found.map(\.shared) == shared)
    #expect(found.map(\.rows) == rows)
  }

  @Test("Texts after one context share blocks, as many as fit")
  func texts() {
    let texts = (0..<7).map { Sequence(pages: [1, 2, 3, 100 + $0], position: 96, rows: 9) }
    expect(blocks(texts), [96, 96, 0], [[9, 9, 9], [9, 9, 9], [9]])
    expect(blocks(texts, most: 20), [96, 96, 96, 0], [[9, 9], [9, 9], [9, 9], [9]])
    expect(blocks(texts, most: 17), [Int](repeating: 0, count: 7), [[Int]](repeating: [9], count: 7))
  }

  @Test("What has too little in common stays apart; nobody who joins takes from those who are there")
  func apart() {
    func sequence(_ pages: [Int], _ rows: Int = 2) -> Sequence {
      Sequence(pages: pages, position: pages.count * 32 - 10, rows: rows)
    }
    expect(blocks([sequence([1, 2]), sequence([1, 3])]), [0, 0], [[2], [2]])
    expect(blocks([sequence([1, 2, 3]), sequence([9, 2, 3])]), [0, 0], [[2], [2]])
    expect(blocks([sequence([1, 2, 3]), sequence([1, 2, 4])]), [64], [[2, 2]])
    expect(
      blocks([
        sequence([1, 2, 3, 4]), sequence([1, 2, 3, 5]), sequence([1, 2, 6]), sequence([1, 2, 7]),
        sequence([1, 2, 3, 8]),
      ]), [96, 64], [[2, 2], [2, 2, 2]])
  }

  @Test("A long part of a prompt is cut into full blocks, of which the last may be joined")
  func long() {
    let prompt = Sequence(pages: [1, 2, 3, 4, 5], position: 64, rows: 70)
    expect(blocks([prompt]), [0, 0, 0], [[32], [32], [6]])
    let text = Sequence(pages: [1, 2, 9], position: 64, rows: 3)
    expect(blocks([prompt, text]), [0, 0, 64], [[32], [32], [6, 3]])
  }

  @Test(
    "Logits are bit for bit those of each sequence alone", arguments: ["tied", "window", "quantised"],
    [64, 65, 90])
  func logits(name: String, context: Int) throws {
    let tiny = try TinyModel(name)
    let tokens = (tiny.tokens + tiny.tokens.reversed())[..<context]
    let texts = (0..<9).map { index in
      (0..<[5, 1, 12, 7, 1, 1, 20, 3, 9][index]).map { tiny.tokens[(7 * index + 3 * $0) % tiny.tokens.count] }
    }
    let alone = try texts.map { try tiny.load().allLogits(Array(tokens) + $0) }
    for threads in [1, 2, 5] {
      let model = try tiny.load(threads: threads, positions: 8192)
      func row(_ text: Int, _ index: Int) -> [Float] {
        Array(
          alone[text][(context + index) * model.vocabularySize..<(context + index + 1) * model.vocabularySize]
        )
      }
      let first = model.makeCache()
      _ = try model.forward([BatchSlot(cache: first, tokens: tokens, wantsLogits: false)])
      for step in [1, 4, 32] {
        let caches = try texts.map { _ in try first.fork(count: context) }
        for start in stride(from: 0, to: 20, by: step) {
          let running = texts.indices.filter { texts[$0].count > start }
          // The last layer confines itself to the last rows if no others are scored.
          let slots = running.map { index in
            let part = texts[index].dropFirst(start).prefix(step)
            return BatchSlot(
              cache: caches[index], tokens: part, wantsLogits: true,
              scoredRows: step == 4 ? 0..<0 : 0..<part.count)
          }
          let last = try model.forward(slots) { scored in
            #expect(Array(scored.distribution.logits) == row(running[scored.slot], start + scored.row))
          }
          for (index, logits) in zip(running, last) {
            let end = min(start + step, texts[index].count)
            #expect(logits.map { Array($0) } == row(index, end - 1), "text \(index), \(threads) threads")
          }
        }
      }
    }
  }
}
