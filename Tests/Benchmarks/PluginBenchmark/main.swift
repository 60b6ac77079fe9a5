// What it costs to call a plugin's sampler: a C sampler that does nothing, a built-in stage that is lent the same
// arrays and does nothing to them, and a built-in stage that does not even borrow them, alternating.
//
//   cc -O2 -shared -fPIC -I Sources/CWorkbenchPlugin/include -o idle.so Tests/Benchmarks/PluginBenchmark/idle.c
//   PluginBenchmark idle.so
//
// "lending" is what the chain does for whoever borrows: it looks at every candidate that comes back. "overhead" is what a
// plugin costs beyond that: clock, watchdog, guarded copies at some calls, record of its health.

import Glibc
import Plugins
import Sampling
import Tokens

/// A built-in stage that borrows the arrays.
struct BorrowingStage: SamplerStage {
  let name = "built_in_idle"

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.withUnsafeArrays { (ids, _) throws(SamplingError) in ids.count }
  }
}

/// A built-in stage that does nothing at all.
struct NoStage: SamplerStage {
  let name = "nothing"

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {}
}

func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Nanoseconds a call, over `calls` of them.
func measure(_ calls: Int, _ stage: inout any SamplerStage, _ candidates: inout Candidates) throws -> Double {
  let start = now()
  for _ in 0..<calls { try stage.apply(to: &candidates) }
  return Double(now() - start) / Double(calls)
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

guard CommandLine.arguments.count == 2 else {
  print("usage: PluginBenchmark LIBRARY")
  exit(64)
}
let library = try PluginLibrary.open(CommandLine.arguments[1])
guard let sampler = library.samplers.first else { exit(1) }

let rounds = 201
print("medians of \(rounds) alternating rounds, in ns a call; the overhead is of pairs")
print("candidates", "nothing", "lending", "plugin", "overhead", separator: "\t")
for count in [1, 40, 100, 1000, 32_000, 128_256] {
  var row = (0..<count).map { _ in Float.random(in: -10...10) }
  var candidates = Candidates()
  try row.withUnsafeMutableBufferPointer { try candidates.load(UnsafeBufferPointer($0)) }
  var nothing: any SamplerStage = NoStage()
  var builtIn: any SamplerStage = BorrowingStage()
  var plugin: any SamplerStage = try sampler.makeStage(vocabularySize: count)
  let calls = max(10, 100_000 / (count + 100))
  var measured: [(nothing: Double, lending: Double, plugin: Double)] = []
  for _ in 0..<rounds {
    measured.append(
      (
        try measure(calls, &nothing, &candidates), try measure(calls, &builtIn, &candidates),
        try measure(calls, &plugin, &candidates)
      ))
  }
  let columns = [
    median(measured.map(\.nothing)), median(measured.map(\.lending)), median(measured.map(\.plugin)),
    median(measured.map { $0.plugin - $0.lending }),
  ]
  print(([count] + columns.map { Int($0.rounded()) }).map(String.init).joined(separator: "\t"))
}
