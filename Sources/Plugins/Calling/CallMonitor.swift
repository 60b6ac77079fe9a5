import Glibc

/// What surrounds a call into a plugin: watchdog, clock, budget, record of faults, and the buffer for its message.
///
/// There is one for each instance. Time is processor time, so a busy machine does not make a call look slow.
///
/// `@unchecked Sendable`: the message buffer is used only during a call, and calls through one monitor never overlap.
final class CallMonitor: @unchecked Sendable {
  /// The plugin and what is called, such as "'y', sampler 'x'".
  let label: String
  /// Budgets, watchdog and what to do about corrupted memory.
  let settings: PluginSettings
  /// Where cost and faults are recorded.
  let health: PluginHealth
  private let slot: WatchSlot
  private let message: UnsafeMutablePointer<CChar>

  private static let canary: UInt64 = 0xC0DE_CAFE_5AFE_B0DE
  private static let canaries = 8

  /// Registers with the watchdog until it is destroyed.
  init(label: String, settings: PluginSettings, health: PluginHealth) {
    self.label = label
    self.settings = settings
    self.health = health
    slot = WatchSlot(label, recorder: settings.recorder)
    let bytes = Limits.messageBytes + Self.canaries * 8
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    message = raw.initializeMemory(as: CChar.self, repeating: 0, count: bytes)
    for index in 0..<Self.canaries { storeCanary(index) }
    settings.watchdog?.add(slot)
  }

  deinit {
    settings.watchdog?.remove(slot)
    message.deallocate()
  }

  /// Makes a call that does the plugin's work: refuses if it is disabled, records the time, and checks it against the
  /// budget.
  ///
  /// `body` makes the call and returns its status; `check` throws if what came back is wrong. A fault is recorded.
  @inline(__always)
  func work(
    _ call: WatchSlot.Call, budget: UInt64,
    _ body: (UnsafeMutablePointer<CChar>, Int) -> Int32, check: () throws(PluginFault) -> Void
  ) throws(PluginFault) {
    try health.check()
    let (status, spent) = timed(call, body)
    health.note(nanoseconds: spent)
    do throws(PluginFault) {
      if status != 0 { throw failure(status) }
      if !hasCanaries { throw .corruptedMemory }
      try check()
      if spent > budget { throw .overBudget(nanoseconds: spent, budget: budget) }
    } catch {
      noteFault(error, call)
      throw error
    }
  }

  /// Makes a call that is not counted as work (create, clone, accept, decode); faults are recorded all the same.
  func uncounted(
    _ call: WatchSlot.Call, _ body: (UnsafeMutablePointer<CChar>, Int) -> Int32
  ) throws(PluginFault) {
    try health.check()
    let (status, spent) = timed(call, body)
    let budget = settings.stepBudget
    if status == 0, spent <= budget, hasCanaries { return }
    var fault = PluginFault.overBudget(nanoseconds: spent, budget: budget)
    if status != 0 { fault = failure(status) } else if !hasCanaries { fault = .corruptedMemory }
    noteFault(fault, call)
    throw fault
  }

  /// Makes a call and returns its status and its time in nanoseconds.
  @inline(__always)
  private func timed(
    _ call: WatchSlot.Call, _ body: (UnsafeMutablePointer<CChar>, Int) -> Int32
  ) -> (status: Int32, nanoseconds: UInt64) {
    // A message of an earlier call must not be taken for this one's.
    message[0] = 0
    let start = settings.clock()
    slot.arm(call)
    let status = body(message, Limits.messageBytes)
    slot.disarm()
    return (status, settings.clock() &- start)
  }

  /// Makes a call that cannot fail.
  func infallible(_ call: WatchSlot.Call, _ body: () -> Void) {
    slot.arm(call)
    body()
    slot.disarm()
  }

  /// Records a fault; ends the process if memory is corrupted and the settings say so.
  func noteFault(_ fault: PluginFault, _ call: WatchSlot.Call) {
    health.note(fault, in: "\(call)")
    if fault == .corruptedMemory, settings.corruption == .endProcess {
      PluginWatchdog.end("\(label): \(call) \(fault)", PluginWatchdog.corruptionStatus)
    }
  }

  private func failure(_ status: Int32) -> PluginFault {
    guard hasCanaries else { return .corruptedMemory }
    let text = takeMessage()
    return status == Status.invalidArgument ? .refused(message: text) : .failed(status: status, message: text)
  }

  /// The message of the plugin about its failure, as one printable line.
  private func takeMessage() -> String {
    let length = strnlen(message, Limits.messageBytes)
    let bytes = UnsafeBufferPointer(start: message, count: length).map { UInt8(bitPattern: $0) }
    return printable(String(decoding: bytes, as: UTF8.self))
  }

  private func storeCanary(_ index: Int) {
    UnsafeMutableRawPointer(message).storeBytes(
      of: Self.canary, toByteOffset: Limits.messageBytes + index * 8, as: UInt64.self)
  }

  /// Whether the first word after the message buffer is intact: a write past the end reaches it first.
  @inline(__always)
  private var hasCanaries: Bool {
    UnsafeRawPointer(message).load(fromByteOffset: Limits.messageBytes, as: UInt64.self) == Self.canary
  }
}

/// What a clock shows, in nanoseconds; 0 if there is no such clock (any more).
@inline(__always)
func nanoseconds(on clock: clockid_t) -> UInt64 {
  var now = timespec()
  guard clock_gettime(clock, &now) == 0 else { return 0 }
  return UInt64(bitPattern: Int64(now.tv_sec)) &* 1_000_000_000 &+ UInt64(bitPattern: Int64(now.tv_nsec))
}

/// A text with spaces for control characters, since what a plugin says is written to terminals and logs.
func printable(_ text: String) -> String {
  var result = String.UnicodeScalarView()
  for scalar in text.unicodeScalars {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: result.append(" ")
    default: result.append(scalar)
    }
  }
  return String(result)
}
