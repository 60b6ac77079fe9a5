// What it costs to call a plugin's sampler: a C sampler that does nothing against a built-in stage that does nothing
// to the same lent arrays, alternating.
//
//   cc -O2 -shared -fPIC -I Sources/CWorkbenchPlugin/include -o idle.so Tests/Benchmarks/PluginBenchmark/idle.c
//   PluginBenchmark idle.so

import Glibc
import Plugins
import Sampling
import Tokens

/// The same stage as a built-in.
struct IdleStage: SamplerStage {
  let name = "built_in_idle"

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    try candidates.withUnsafeArrays { (ids, _) throws(SamplingError) in ids.count }
  }
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

print(
  "candidates  built-in ns  plugin ns  overhead ns (medians of 41 alternating rounds; the overhead is of pairs)"
)
for count in [1, 40, 1000, 32_000] {
  var row = (0..<count).map { _ in Float.random(in: -10...10) }
  var candidates = Candidates()
  try row.withUnsafeMutableBufferPointer { try candidates.load(UnsafeBufferPointer($0)) }
  var builtIn: any SamplerStage = IdleStage()
  var plugin: any SamplerStage = try sampler.makeStage(vocabularySize: count)
  let calls = max(50, 200_000 / (count + 100))
  var rounds: [(builtIn: Double, plugin: Double)] = []
  for _ in 0..<41 {
    rounds.append((try measure(calls, &builtIn, &candidates), try measure(calls, &plugin, &candidates)))
  }
  let overhead = median(rounds.map { $0.plugin - $0.builtIn })
  print(count, median(rounds.map(\.builtIn)), median(rounds.map(\.plugin)), overhead, separator: "\t")
}
