import CWorkbenchPlugin
import Glibc

/// Opens one library and makes the calls that a trial asks for: the whole work of the process that holds it.
///
/// Memory that is lent is guarded here; everything else that comes back is checked by the trial.
final class LibraryServer {
  private let path: String
  private let descriptor: Int32
  private let before: ProcessSnapshot
  private(set) var samplers: [wb_sampler] = []
  private(set) var templates: [wb_template] = []
  private(set) var tokenizers: [wb_tokenizer] = []
  /// The instances that were made, by their number.
  var instances: [UInt64: (sampler: Int, raw: UnsafeMutableRawPointer?)] = [:]
  var nextInstance: UInt64 = 1
  /// Steps so far: in every other one, candidates are lent at the end of a page.
  var steps = 0
  /// Processor time that the library has used in calls, in nanoseconds.
  private var spent: UInt64 = 0

  init(path: String, descriptor: Int32) {
    self.path = path
    self.descriptor = descriptor
    wb_fill_allocations()
    before = ProcessSnapshot.take()
  }

  /// Serves requests until the one to end.
  func run() -> Never {
    while true {
      let head = receive(16)
      guard head.count == 16 else { _exit(1) }
      var reader = MessageReader(head)
      guard let count = try? reader.int(), let sequence = try? reader.number(), count >= 0 else { _exit(1) }
      var request = MessageReader(receive(count))
      guard let number = try? request.number(), let kind = LibraryRequest(rawValue: number) else { _exit(1) }
      // What the library's exit handlers do is part of the trial.
      if kind == .exit { exit(0) }
      guard let answer = try? self.answer(kind, &request) else { _exit(1) }
      var frame = MessageWriter()
      frame.add(answer.bytes.count)
      frame.add(sequence)
      frame.add(spent)
      send(frame.bytes + answer.bytes)
    }
  }

  /// Makes a call of the library, on the clock.
  func timed<Result>(_ body: () -> Result) -> Result {
    let start = nanoseconds(on: CLOCK_THREAD_CPUTIME_ID)
    let result = body()
    spent &+= nanoseconds(on: CLOCK_THREAD_CPUTIME_ID) &- start
    return result
  }

  private func receive(_ count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var received = 0
    while received < count {
      let found = bytes.withUnsafeMutableBytes {
        read(descriptor, $0.baseAddress.map { $0 + received }, count - received)
      }
      if found < 0 && errno == EINTR { continue }
      guard found > 0 else { _exit(1) }
      received += found
    }
    return bytes
  }

  private func send(_ bytes: [UInt8]) {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        write(descriptor, $0.baseAddress.map { $0 + sent }, $0.count - sent)
      }
      if count < 0 && errno == EINTR { continue }
      guard count > 0 else { _exit(1) }
      sent += count
    }
  }

  private func answer(
    _ kind: LibraryRequest, _ request: inout MessageReader
  ) throws(LibraryEnd) -> MessageWriter {
    switch kind {
    case .open: return open()
    case .create: return try create(&request)
    case .clone: return try clone(&request)
    case .apply: return try apply(&request)
    case .accept: return try accept(&request)
    case .reset: return try reset(&request)
    case .destroy: return try destroy(&request)
    case .render: return try render(&request)
    case .encode: return try encode(&request)
    case .decode: return try decode(&request)
    case .allocated:
      var answer = MessageWriter()
      answer.add(Int(wb_allocated_bytes()))
      return answer
    case .changes:
      var answer = MessageWriter()
      let changes = before.changes()
      answer.add(changes.count)
      for change in changes { answer.add(change) }
      return answer
    case .exit: throw .incomprehensible
    }
  }

  private func open() -> MessageWriter {
    var answer = MessageWriter()
    var settings = PluginSettings()
    settings.corruption = .report
    settings.watchdog = nil
    do throws(PluginError) {
      let offer = try PluginLibrary.load(path, settings)
      let reader = ForeignReader(path: path)
      _ = try PluginLibrary(reader, offer: offer, settings)
      samplers = try reader.elements(
        offer.samplers, offer.sampler_count, wb_sampler(), least: WB_SAMPLER_1_0, "sampler")
      templates = try reader.elements(
        offer.templates, offer.template_count, wb_template(), least: WB_TEMPLATE_1_0, "template")
      tokenizers = try reader.elements(
        offer.tokenizers, offer.tokenizer_count, wb_tokenizer(), least: WB_TOKENIZER_1_0, "tokenizer")
      answer.add(true)
      try LibraryDescription.write(offer, samplers, templates, tokenizers, reader, to: &answer)
      return answer
    } catch {
      var refusal = MessageWriter()
      refusal.add(false)
      refusal.add(error.reason)
      return refusal
    }
  }

  /// Makes a call with a buffer for its message; the answer begins with status, message and whether the buffer's
  /// surroundings are intact.
  func call(
    _ body: (UnsafeMutablePointer<CChar>, Int) -> wb_status, isIntact: () -> Bool = { true }
  ) throws(LibraryEnd) -> MessageWriter {
    guard let room = GuardedMemory(bytes: Limits.messageBytes) else { throw .incomprehensible }
    room.begin(bytes: Limits.messageBytes)
    memset(room.start, 0, Limits.messageBytes)
    let message = room.start.assumingMemoryBound(to: CChar.self)
    let status = timed { body(message, Limits.messageBytes) }
    var answer = MessageWriter()
    answer.add(status)
    answer.add(room.isIntact && isIntact())
    answer.add(message, count: strnlen(message, Limits.messageBytes))
    return answer
  }
}
