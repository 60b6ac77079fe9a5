import CWorkbenchPlugin
import Sampling

/// One instance of a plugin's sampler, called by one holder at a time: a stage makes a copy of a shared one first.
final class SamplerInstance: Sendable {
  /// What a step left.
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

  /// What the plugin made, until nobody needs it.
  ///
  /// `@unchecked Sendable`: that of a stateful sampler has one holder, and one that is not stateful is read-only by
  /// contract.
  private final class Handle: @unchecked Sendable {
    let raw: UnsafeMutableRawPointer?
    private let sampler: PluginSampler

    init(_ raw: UnsafeMutableRawPointer?, of sampler: PluginSampler) {
      self.raw = raw
      self.sampler = sampler
    }

    deinit {
      guard raw != nil else { return }
      SamplerInstance.monitor(for: sampler).plain(.destroy) { sampler.table.destroy(raw) }
    }
  }

  /// Creates an instance; `values` are those of the parameters, in their order.
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
      try monitor.aside(.create) { sampler.table.create(sampler.table.context, &setup, &made, $0, $1) }
    }
    try self.init(
      sampler, monitor, UInt32(clamping: vocabularySize), Handle(made, of: sampler), after: .create)
  }

  /// Takes over what `create` or `clone` gave.
  private init(
    _ sampler: PluginSampler, _ monitor: CallMonitor, _ vocabularySize: UInt32, _ handle: Handle,
    after call: WatchSlot.Call
  ) throws(PluginFault) {
    self.sampler = sampler
    self.monitor = monitor
    self.vocabularySize = vocabularySize
    self.handle = handle
    if handle.raw == nil, sampler.isStateful {
      let fault = PluginFault.impossibleOutput("succeeded with a null instance")
      monitor.noteFault(fault, call)
      throw fault
    }
  }

  private static func monitor(for sampler: PluginSampler) -> CallMonitor {
    let label = "'\(sampler.descriptor.origin)', sampler '\(sampler.descriptor.name)'"
    return CallMonitor(label: label, settings: sampler.settings, health: sampler.health)
  }

  /// An instance that will do as this one would; without state both use what the plugin made once.
  func cloned() throws(PluginFault) -> SamplerInstance {
    let monitor = Self.monitor(for: sampler)
    guard sampler.isStateful, let clone = table.clone else {
      return try SamplerInstance(sampler, monitor, vocabularySize, handle, after: .clone)
    }
    var made: UnsafeMutableRawPointer?
    try monitor.aside(.clone) { clone(raw, &made, $0, $1) }
    return try SamplerInstance(sampler, monitor, vocabularySize, Handle(made, of: sampler), after: .clone)
  }

  /// Works on the candidates of one step, in place, and checks what is left.
  ///
  /// `isIntact` says whether the memory around the arrays is as it was. `looks` is whether to look at every candidate; a
  /// caller that does so itself gives what it found to `check`.
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
      guard candidates.ids == ids, candidates.logits == logits else { throw .exchangedArrays }
      // What was beyond 2^63 there is negative here.
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
        throw .selection(place: candidates.selected, left: candidates.count)
      }
    }
    return Outcome(kept: candidates.count, selected: candidates.selected)
  }

  /// Blames the plugin for what the candidates that `apply` left were found to be.
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

  /// Hears of a token of the sequence.
  func accept(_ token: Int32) throws(PluginFault) {
    guard let accept = table.accept else { return }
    try monitor.aside(.accept) { _, _ in accept(raw, token) }
  }

  /// Goes back to the beginning.
  func reset() {
    guard let reset = table.reset else { return }
    monitor.plain(.reset) { reset(raw) }
  }
}
