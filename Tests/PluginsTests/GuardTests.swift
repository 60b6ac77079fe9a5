import Glibc
import Testing

@testable import Plugins

@Suite("Memory that is lent is watched on both sides") struct GuardedMemoryTests {
  @Test(
    "A stray write next to the lent bytes is found, wherever they end",
    arguments: [1, 2, 15, 16, 17, 4095, 4096, 9000])
  func strayWrites(bytes: Int) throws {
    let memory = try #require(GuardedMemory(bytes: bytes))
    for distance in [1, 3, 16, 63, 64] {
      for place in [-distance, bytes + distance - 1] {
        memory.begin(bytes: bytes)
        memset(memory.start, 0x5A, bytes)
        #expect(memory.isIntact)
        let byte = memory.start + place
        byte.storeBytes(of: byte.load(as: UInt8.self) ^ 1, as: UInt8.self)
        #expect(!memory.isIntact, "at \(place) of \(bytes)")
      }
    }
  }

  @Test("Less than the capacity can be lent, with the marks close to what is lent")
  func lendsLess() throws {
    let memory = try #require(GuardedMemory(bytes: 1000))
    memory.begin(bytes: 12)
    #expect(memory.isIntact && Int(bitPattern: memory.start) % 16 == 0)
    (memory.start + 12).storeBytes(of: 0, as: UInt8.self)
    #expect(!memory.isIntact)
    memory.begin(bytes: 1000)
    #expect(memory.isIntact)
  }

  @Test("What no machine has is not lent") func impossible() {
    #expect(GuardedMemory(bytes: .max) == nil)
    #expect(GuardedCandidates.take(count: .max / 4) == nil)
  }

  @Test("Candidates go in and come out as they are; the arrays are apart")
  func candidates() throws {
    let area = try #require(GuardedCandidates.take(count: 5))
    defer { GuardedCandidates.give(area) }
    area.fill([9, 8, 7, 6, 5], [1, -.infinity, 3, 0.5, 2])
    #expect(area.isIntact)
    var (ids, logits) = ([Int32](repeating: 0, count: 5), [Float](repeating: 0, count: 5))
    ids.withUnsafeMutableBufferPointer { ids in
      logits.withUnsafeMutableBufferPointer { logits in area.copy(3, to: ids, logits) }
    }
    #expect(ids == [9, 8, 7, 0, 0] && logits == [1, -.infinity, 3, 0, 0])
    area.ids[5] = 1
    #expect(!area.isIntact)
  }
}

@Suite("Output of a plugin is collected within limits") struct OutputTests {
  private func append(_ text: String, to output: Output, _ origin: Int32 = 0, message: Int = 0) -> Int32 {
    text.withCString { output.appendText($0, text.utf8.count, origin, message) }
  }

  @Test("Text of the same origin and message is one piece")
  func pieces() {
    let output = Output(.text, limit: 100)
    #expect(append("a", to: output) == Status.ok)
    #expect(append("b", to: output) == Status.ok)
    #expect(append("c", to: output, 4, message: 1) == Status.ok)
    #expect(append("", to: output, 4, message: 2) == Status.ok)
    #expect(append("d", to: output, 4, message: 2) == Status.ok)
    #expect(output.bytes == Array("abcd".utf8))
    #expect(output.pieces.map(\.end) == [2, 3, 4])
    #expect(output.pieces.map(\.message) == [0, 1, 2])
  }

  @Test("The limit is exact, and after a refusal nothing more is accepted")
  func limit() {
    let output = Output(.text, limit: 3)
    #expect(append("abc", to: output) == Status.ok)
    #expect(append("d", to: output) == Status.limit)
    #expect(output.fault == .tooMuchOutput(limit: 3, unit: "bytes"))
    #expect(append("", to: output) == Status.limit)
    #expect(output.bytes.count == 3)
    output.clear()
    #expect(output.fault == nil && output.bytes.isEmpty && output.pieces.isEmpty)
    #expect(append("xyz", to: output) == Status.ok)
  }

  @Test("A call takes only what it asks for, and the fault says so in words")
  func kinds() {
    let tokens = Output(.tokens, limit: 2)
    #expect(append("a", to: tokens) == Status.invalidArgument)
    #expect(tokens.fault.map { "\($0)" } == "appended text, but was asked for tokens")
    tokens.clear()
    #expect(tokens.appendToken(1, 0, 1) == Status.ok && tokens.appendToken(2, 1, 2) == Status.ok)
    #expect(tokens.appendToken(3, 2, 3) == Status.limit)
    #expect(tokens.fault.map { "\($0)" } == "wrote more than 2 tokens")
    let bytes = Output(.bytes, limit: 2)
    #expect(bytes.appendToken(1, 0, 1) == Status.invalidArgument)
    #expect(bytes.fault.map { "\($0)" } == "appended a token, but was asked for bytes")
    let text = Output(.text, limit: 2)
    #expect(text.appendBytes(nil, 1) == Status.invalidArgument)
    #expect(text.fault.map { "\($0)" } == "appended bytes, but was asked for text")
  }
}

@Suite("Faults and sizes in words") struct WordingTests {
  @Test("A status is named as in the header")
  func statuses() {
    #expect(
      (0...6).map { Status.name(of: $0) } == [
        "WB_OK", "WB_FAILED", "WB_INVALID_ARGUMENT", "WB_OUT_OF_MEMORY", "WB_UNSUPPORTED", "WB_LIMIT",
        "the unknown status 6",
      ])
    #expect("\(PluginFault.failed(status: 1, message: "no luck"))" == "failed: no luck")
    #expect("\(PluginFault.failed(status: 3, message: ""))" == "failed with WB_OUT_OF_MEMORY")
    #expect("\(PluginFault.failed(status: -7, message: "x"))" == "failed with the unknown status -7: x")
  }

  @Test(
    "Sizes are in the largest unit that divides them",
    arguments: [
      (1, "1 bytes"), (1000, "1000 bytes"), (1024, "1 KiB"), (65536, "64 KiB"), (1 << 20, "1 MiB"),
      ((4 << 20) + 1, "4194305 bytes"), (256 << 20, "256 MiB"), (1 << 30, "1 GiB"),
    ])
  func sizes(bytes: Int, words: String) { #expect(byteCount(bytes) == words) }

  @Test("What a plugin says cannot steer a terminal")
  func control() {
    #expect(printable("a\u{1B}[31mb\n\u{202E}c\u{7F}ü😀") == "a [31mb  c ü😀")
  }

  @Test("The README counts what the checks try")
  func readme() throws {
    let text = String(decoding: Libraries.read("\(Libraries.root)/plugins/README.md"), as: UTF8.self)
    #expect(CandidateSet.all.count == 18 && text.contains("eighteen sets"))
    #expect(Limits.promptBytes == 4 << 20 && text.contains("more than 4 MiB"))
    #expect(
      Limits.conformanceStepNanoseconds == 10_000_000
        && text.contains("more than 10 ms of processor time for 32,000"))
    #expect(Limits.faults == 3 && Limits.faultWindow == 100_000)
    #expect(text.contains("three times within 100,000 calls"))
    #expect(Limits.conformanceBytes == 1 << 30 && text.contains("more than 1 GiB"))
    #expect(PluginTrial.busyMilliseconds == 5000 && text.contains("five seconds of processor time"))
    #expect(PluginTrial.waitingMilliseconds == 30_000 && text.contains("thirty\n  seconds in all"))
    #expect(text.contains("one of fourteen"))
  }

  @Test("The sets of candidates are ones that a chain could lend")
  func sets() {
    for set in CandidateSet.all + (0..<50).map({ CandidateSet.step($0) }) {
      #expect(set.ids.count == set.logits.count && !set.ids.isEmpty, "\(set.name)")
      #expect(Set(set.ids).count == set.ids.count, "\(set.name)")
      #expect(set.ids.allSatisfy { $0 >= 0 && $0 < CandidateSet.vocabularySize }, "\(set.name)")
      #expect(set.logits.allSatisfy { !$0.isNaN } && set.logits.contains { $0 > -.infinity }, "\(set.name)")
      #expect(!set.isSorted || set.logits == set.logits.sorted(by: >), "\(set.name)")
    }
  }
}
