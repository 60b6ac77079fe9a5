import CWorkbenchPlugin
import Sampling

/// One instance of a plugin's sampler, called by one stage at a time: a stage clones a shared one first.
final class SamplerInstance: Sendable {
  /// The result of a step: how many of the first candidates are left, and the index of the pick (-1 for none).
  struct Outcome {
    var kept: Int
    var selected: Int64
  }

  private let sampler: PluginSampler
  private let monitor: CallMonitor
  private let vocabularySize: UInt32
  private let handle: Handle
  private var table: SamplerTable { sampler.table }
  private var raw: UnsafeMutableRawPointer? { handle.raw }

  /// The plugin's own instance, destroyed with the last reference.
  ///
  /// `@unchecked Sendable`: that of a stateful sampler has a single user, and any other is read-only by contract.
  private final class Handle: @unchecked Sendable {
    let raw: UnsafeMutableRawPointer?
    private let sampler: PluginSampler

    init(_ raw: UnsafeMutableRawPointer?, of sampler: PluginSampler) {
      self.raw = raw
      self.sampler = sampler
    }

    deinit {
      guard raw != nil else { return }
      SamplerInstance.monitor(for: sampler).infallible(.destroy) { sampler.table.destroy(raw) }
    }
  }

  /// Creates an instance; `values` are the parameters' values in their order.
  convenience init(
    _ sampler: PluginSampler, values: [wb_value], vocabularySize: Int, seed: UInt64
  ) throws(PluginFault) {
    let monitor = Self.monitor(for: sampler)
    var made: UnsafeMutableRawPointer?
    try values.withUnsafeBufferPointer { (values) throws(PluginFault) in
      var setup = wb_sampler_setup(
        header: HostTable.header(of: wb_sampler_setup.self), values: values.baseAddress,
        value_count: UInt32(clamping: values.count), vocabulary_size: UInt32(clamping: vocabularySize),
        seed: seed)
      try monitor.uncounted(.create) { sampler.table.create(sampler.table.context, &setup, &made, $0, $1) }
    }
    try self.init(
      sampler, monitor, UInt32(clamping: vocabularySize), Handle(made, of: sampler), after: .create)
  }

  /// Takes ownership of what `create` or `clone` made.
  private init(
    _ sampler: PluginSampler, _ monitor: CallMonitor, _ vocabularySize: UInt32, _ handle: Handle,
    after call: WatchSlot.Call
  ) throws(PluginFault) {
    self.sampler = sampler
    self.monitor = monitor
    self.vocabularySize = vocabularySize
    self.handle = handle
    if handle.raw == nil, sampler.isStateful {
      let fault = PluginFault.impossibleOutput("returned a null instance")
      monitor.noteFault(fault, call)
      throw fault
    }
  }

  private static func monitor(for sampler: PluginSampler) -> CallMonitor {
    let label = "'\(sampler.descriptor.origin)', sampler '\(sampler.descriptor.name)'"
    return CallMonitor(label: label, settings: sampler.settings, health: sampler.health)
  }

  /// An instance with the same state; without state, both share the plugin's own instance.
  func cloned() throws(PluginFault) -> SamplerInstance {
    let monitor = Self.monitor(for: sampler)
    guard sampler.isStateful, let clone = table.clone else {
      return try SamplerInstance(sampler, monitor, vocabularySize, handle, after: .clone)
    }
    var made: UnsafeMutableRawPointer?
    try monitor.uncounted(.clone) { clone(raw, &made, $0, $1) }
    return try SamplerInstance(sampler, monitor, vocabularySize, Handle(made, of: sampler), after: .clone)
  }

  /// Runs one step on candidates, in place, and checks what is left.
  ///
  /// `isIntact` says whether the memory around the arrays is unchanged. `looks` is whether to check every candidate; a
  /// caller that does so itself passes its findings to `check`.
  @inline(__always)
  func apply(
    _ ids: UnsafeMutablePointer<Int32>, _ logits: UnsafeMutablePointer<Float>, count: Int, isSorted: Bool,
    looks: Bool = true, isIntact: () -> Bool = { true }
  ) throws(PluginFault) -> Outcome {
    var candidates = wb_candidates(
      header: HostTable.candidates, ids: ids, logits: logits, count: count, selected: -1,
      vocabulary_size: vocabularySize, is_sorted: isSorted ? 1 : 0)
    try monitor.work(.apply, budget: monitor.settings.stepBudget) {
      table.apply(raw, &candidates, $0, $1)
    } check: { () throws(PluginFault) in
      guard isIntact() else { throw .corruptedMemory }
      guard candidates.ids == ids, candidates.logits == logits else { throw .replacedArrays }
      // A count of 2^63 or more is negative here.
      guard candidates.count >= 1, candidates.count <= count else {
        throw .candidateCount(left: UInt(bitPattern: candidates.count), given: count)
      }
      switch looks ? wb_check_candidates(ids, logits, candidates.count, vocabularySize) : WB_FINE {
      case WB_FINE: break
      case WB_HAS_NAN: throw .notANumber
      case WB_HAS_FOREIGN_TOKEN: throw .foreignToken
      default: throw .allImpossible
      }
      guard sampler.descriptor.selectsToken else { return }
      guard candidates.selected >= 0, candidates.selected < candidates.count else {
        throw .selection(index: candidates.selected, left: candidates.count)
      }
    }
    return Outcome(kept: candidates.count, selected: candidates.selected)
  }

  /// Records and throws a fault if something is wrong with the candidates that `apply` left.
  @inline(__always)
  func check(_ findings: Candidates.Findings) throws(PluginFault) {
    if !findings.isFine { throw blame(findings) }
  }

  private func blame(_ findings: Candidates.Findings) -> PluginFault {
    var fault = PluginFault.allImpossible
    if findings.hasNaN { fault = .notANumber } else if findings.hasForeignToken { fault = .foreignToken }
    monitor.noteFault(fault, .apply)
    return fault
  }

  /// Tells the instance of a token of the sequence.
  func accept(_ token: Int32) throws(PluginFault) {
    guard let accept = table.accept else { return }
    try monitor.uncounted(.accept) { _, _ in accept(raw, token) }
  }

  /// Restores the state after creation.
  func reset() {
    guard let reset = table.reset else { return }
    monitor.infallible(.reset) { reset(raw) }
  }
}
