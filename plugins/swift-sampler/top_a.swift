// A sampler in Swift (top-a): keeps the candidates whose probability is at least `a` times the square of the best one's.
// It has no state, so it needs neither clone nor reset.
//
//   swiftc -O -emit-library -import-objc-header ../../Sources/CWorkbenchPlugin/include/workbench_plugin.h \
//     -o top_a.so top_a.swift

/// An instance of the sampler: its one parameter.
final class TopA {
  let a: Float

  init(a: Float) {
    self.a = a
  }

  /// Drops candidates with p < a·p₁², where p₁ is the probability of the best.
  func apply(_ candidates: inout wb_candidates) {
    guard a > 0, let ids = candidates.ids, let logits = candidates.logits else { return }
    let count = candidates.count
    var best = 0
    for index in 0..<count where logits[index] > logits[best] { best = index }
    // Candidates more than 40 below the best do not matter: exp(-40) does not change a sum that is at least 1.
    var sum: Float = 0
    for index in 0..<count where logits[index] >= logits[best] - 40 {
      sum += exponential(logits[index] - logits[best])
    }
    var kept = 0
    for index in 0..<count {
      let share = logits[index] >= logits[best] - 40 ? exponential(logits[index] - logits[best]) : 0
      guard index == best || share >= a / sum else { continue }
      (ids[kept], logits[kept]) = (ids[index], logits[index])
      kept += 1
    }
    candidates.count = kept
  }

  /// e to the power of x, for -40 ≤ x ≤ 0: a Taylor polynomial of x/64, squared six times.
  private func exponential(_ x: Float) -> Float {
    let y = x / 64
    var power = 1 + y * (1 + y / 2 * (1 + y / 3 * (1 + y / 4 * (1 + y / 5))))
    for _ in 0..<6 { power *= power }
    return power
  }
}

/// Text that lives as long as the process, as the interface requires of names.
func lasting(_ text: StaticString) -> UnsafePointer<CChar> {
  UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}

func header<Struct>(_ type: Struct.Type) -> wb_header {
  wb_header(
    major: UInt16(WB_ABI_MAJOR), minor: UInt16(WB_ABI_MINOR), size: UInt32(MemoryLayout<Struct>.size))
}

/// A table that lives as long as the process.
func lasting<Struct>(_ value: Struct) -> UnsafePointer<Struct> {
  let place = UnsafeMutablePointer<Struct>.allocate(capacity: 1)
  place.initialize(to: value)
  return UnsafePointer(place)
}

func makeSampler() -> UnsafePointer<wb_sampler> {
  let parameter = wb_parameter(
    header: header(wb_parameter.self), name: lasting("a"),
    meaning: lasting("The least probability, as a share of the best candidate's squared; 0 turns it off."), type: Int32(WB_F64),
    reserved: 0, fallback: wb_value(f64: 0.2), minimum: wb_value(f64: 0), maximum: wb_value(f64: 1))
  var sampler = wb_sampler()
  sampler.header = header(wb_sampler.self)
  sampler.name = lasting("top_a")
  sampler.summary = lasting("Drops candidates by comparison with the square of the best one's probability.")
  sampler.flags = UInt32(WB_KEEPS_BEST)
  sampler.parameters = lasting(parameter)
  sampler.parameter_count = 1
  sampler.create = { _, setup, instance, _, _ in
    guard let setup, let instance, setup.pointee.value_count == 1 else { return Int32(WB_INVALID_ARGUMENT) }
    let made = TopA(a: Float(setup.pointee.values[0].f64))
    instance.pointee = Unmanaged.passRetained(made).toOpaque()
    return Int32(WB_OK)
  }
  sampler.apply = { instance, candidates, _, _ in
    guard let instance, let candidates else { return Int32(WB_INVALID_ARGUMENT) }
    Unmanaged<TopA>.fromOpaque(instance).takeUnretainedValue().apply(&candidates.pointee)
    return Int32(WB_OK)
  }
  sampler.destroy = { instance in
    if let instance { Unmanaged<TopA>.fromOpaque(instance).release() }
  }
  return lasting(sampler)
}

/// The function that the host calls first.
@_cdecl("workbench_plugin_entry")
public func entry(_ host: UnsafePointer<wb_host>?, _ plugin: UnsafeMutablePointer<wb_plugin>?) -> wb_status {
  guard let plugin else { return Int32(WB_FAILED) }
  plugin.pointee.header = header(wb_plugin.self)
  plugin.pointee.name = lasting("swift-sampler")
  plugin.pointee.version = lasting("1.0.0")
  plugin.pointee.summary = lasting("A sampler written in Swift.")
  plugin.pointee.samplers = makeSampler()
  plugin.pointee.sampler_count = 1
  return Int32(WB_OK)
}
