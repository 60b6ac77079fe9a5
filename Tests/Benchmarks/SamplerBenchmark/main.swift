// The cost of picking a token: this package's chains and llama.cpp's, alternating in one run.
//
//   SamplerBenchmark PYTHON Tests/Benchmarks/SamplerBenchmark/peer.py [ROUNDS [SUBJECT]]
//
// PYTHON must have llama-cpp-python and numpy; with "-" only this package's side is measured. Times are CPU times, so that
// other work on the machine matters less. Both sides go from a row of logits to a token that the chain has accepted.
// This package starts by copying and checking the row; llama.cpp by copying an array of candidates made beforehand, where
// llama_sampler_sample would make it from the row each time. That copy and Python's own time are measured too, as
// "copying", and the last column is the ratio without them.

import Foundation
import Sampling
import Tokens

/// The other side, in a process of its own.
final class Peer {
  struct Times: Decodable {
    var whole: Double
    var copying: Double
  }

  private let process = Process()
  private let input = Pipe()
  private let output = Pipe()
  private var pending = Data()

  init(python: String, script: String) throws {
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [script]
    process.standardInput = input
    process.standardOutput = output
    try process.run()
  }

  deinit { process.terminate() }

  /// Nanoseconds per token.
  func run(_ tokens: Int) throws -> Times { try JSONDecoder().decode(Times.self, from: ask("run \(tokens)")) }

  @discardableResult
  func ask(_ line: String) -> Data {
    input.fileHandleForWriting.write(Data((line + "\n").utf8))
    while true {
      if let end = pending.firstIndex(of: 10) {
        let answer = pending[pending.startIndex..<end]
        pending = Data(pending[pending.index(after: end)...])
        return answer
      }
      let more = output.fileHandleForReading.availableData
      if more.isEmpty { exit(70) }
      pending += more
    }
  }
}

/// Rows of logits of one shape, the same for both sides.
struct Rows {
  static let number = 4
  let name: String
  let count: Int
  let values: [Float]

  /// Normally distributed logits, with some tokens raised above the rest like the likely words of a model.
  init(_ name: String, count: Int, spread: Float, raised: Int, by height: Float) {
    self.name = name
    self.count = count
    var random = RandomSource(seed: UInt64(count) &+ UInt64(raised))
    var values: [Float] = []
    for _ in 0..<Self.number {
      var row = (0..<count).map { _ in
        Float((-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())) * spread
      }
      for place in 0..<raised { row[Int(random.next() % UInt64(count))] += height / Float(place + 1) }
      values += row
    }
    self.values = values
  }
}

/// What is measured: stages with values, under names that both sides use.
struct Subject {
  let name: String
  let stages: [(name: String, values: [String: Double])]

  var json: String {
    let stages = stages.map { stage in
      // Counts without a point: they are C integers on the other side.
      let values = stage.values.map { name, value in
        let isCount = ["last_n", "top_k", "keep", "length"].contains { name.hasSuffix($0) }
        return "\"\(name)\": \(isCount ? "\(Int(value))" : "\(value)")"
      }
      return "[\"\(stage.name)\", {\(values.joined(separator: ", "))}]"
    }
    return "[\(stages.joined(separator: ", "))]"
  }

  var specification: ChainSpecification {
    ChainSpecification(
      stages: stages.map { .init($0.name, $0.values.mapValues { .number($0) }) }, seed: 1)
  }
}

let penalties: [String: Double] = [
  "penalty_last_n": 64, "repetition_penalty": 1, "frequency_penalty": 0, "presence_penalty": 0,
]
let penalized: [String: Double] = [
  "penalty_last_n": 64, "repetition_penalty": 1.1, "frequency_penalty": 0.1, "presence_penalty": 0.1,
]
let dry: [String: Double] = [
  "dry_multiplier": 0, "dry_base": 1.75, "dry_allowed_length": 2, "dry_penalty_last_n": 64,
]
let temperature: [String: Double] = ["temperature": 0.8, "dynatemp_range": 0, "dynatemp_exponent": 1]
let mirostat: [String: Double] = ["mirostat_tau": 5, "mirostat_eta": 0.1]

/// llama.cpp's order and default values, including stages that are off.
func chain(_ penalties: [String: Double]) -> [(name: String, values: [String: Double])] {
  [
    ("penalties", penalties), ("dry", dry), ("top_n_sigma", ["top_n_sigma": -1]), ("top_k", ["top_k": 40]),
    ("typ_p", ["typical_p": 1, "min_keep": 0]), ("top_p", ["top_p": 0.95, "min_keep": 0]),
    ("min_p", ["min_p": 0.05, "min_keep": 0]),
    ("xtc", ["xtc_probability": 0, "xtc_threshold": 0.1, "min_keep": 0]), ("temperature", temperature),
    ("dist", [:]),
  ]
}

func alone(_ stage: String, _ values: [String: Double], picks: Bool = false) -> Subject {
  Subject(name: stage, stages: picks ? [(stage, values)] : [(stage, values), ("dist", [:])])
}

let subjects = [
  Subject(name: "default chain", stages: chain(penalties)),
  Subject(name: "with penalties", stages: chain(penalized)),
  alone("penalties", penalized), alone("dry", dry.merging(["dry_multiplier": 0.8]) { $1 }),
  alone("top_n_sigma", ["top_n_sigma": 1]), alone("top_k", ["top_k": 40]),
  alone("typ_p", ["typical_p": 0.95, "min_keep": 0]), alone("top_p", ["top_p": 0.95, "min_keep": 0]),
  alone("min_p", ["min_p": 0.05, "min_keep": 0]),
  alone("xtc", ["xtc_probability": 1, "xtc_threshold": 0.1, "min_keep": 0]),
  alone("temperature", temperature),
  Subject(
    name: "dynatemp",
    stages: [
      ("temperature", ["temperature": 0.8, "dynatemp_range": 0.2, "dynatemp_exponent": 1]), ("dist", [:]),
    ]),
  alone("mirostat", mirostat, picks: true), alone("mirostat_v2", mirostat, picks: true),
  alone("adaptive_p", ["adaptive_target": 0.5, "adaptive_decay": 0.9], picks: true),
  alone("greedy", [:], picks: true), alone("dist", [:], picks: true),
]

/// CPU time of this thread, in nanoseconds.
func now() -> UInt64 {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

/// Nanoseconds per token, over `tokens` of them.
func measure(_ tokens: Int, _ chain: inout SamplerChain, _ rows: Rows) throws -> Double {
  try rows.values.withUnsafeBufferPointer { values in
    let start = now()
    for index in 0..<tokens {
      let first = index % Rows.number * rows.count
      let picked = try chain.sample(UnsafeBufferPointer(rebasing: values[first..<first + rows.count]))
      chain.accept(picked.token)
    }
    return Double(now() - start) / Double(tokens)
  }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

func column(_ text: String, _ width: Int) -> String {
  String(repeating: " ", count: max(0, width - text.count)) + text
}

guard CommandLine.arguments.count >= 3 else {
  print("usage: SamplerBenchmark PYTHON|- peer.py [ROUNDS [SUBJECT]]")
  exit(64)
}
let rounds = CommandLine.arguments.count > 3 ? Int(CommandLine.arguments[3]) ?? 21 : 21
let wanted = CommandLine.arguments.count > 4 ? CommandLine.arguments[4] : nil
let python = CommandLine.arguments[1]
let peer = python == "-" ? nil : try Peer(python: python, script: CommandLine.arguments[2])
let file = FileManager.default.temporaryDirectory.appendingPathComponent("sampler-benchmark-\(getpid())")
defer { try? FileManager.default.removeItem(at: file) }

print("µs per token, medians of \(rounds) alternating rounds; ratio = llama.cpp / ours")
print(
  column("candidates", 10), column("logits", 8), column("what", 15), column("ours", 10),
  column("llama.cpp", 10), column("ratio", 7), column("copying", 8), column("without", 8))
for count in [32_000, 128_256] {
  let shapes = [
    Rows("peaked", count: count, spread: 2, raised: 20, by: 20),
    Rows("model", count: count, spread: 2.5, raised: 60, by: 12),
    Rows("flat", count: count, spread: 1, raised: 0, by: 0),
  ]
  for rows in shapes {
    try rows.values.withUnsafeBytes { Data($0) }.write(to: file)
    peer?.ask("rows \(file.path) \(count)")
    for subject in subjects where wanted == nil || subject.name == wanted {
      peer?.ask("chain \(subject.json)")
      var chain = try SamplerChain(subject.specification, vocabularySize: count)
      for token in 0..<64 { chain.accept(TokenID(token * 37 % count)) }
      _ = try measure(2, &chain, rows)
      let tokens = 4 * Rows.number
      var own: [Double] = []
      var theirs: [Peer.Times] = []
      for _ in 0..<rounds {
        own.append(try measure(tokens, &chain, rows))
        theirs.append(try peer?.run(tokens) ?? Peer.Times(whole: 0, copying: 0))
      }
      let (ours, whole) = (median(own), median(theirs.map(\.whole)))
      let copying = median(theirs.map(\.copying))
      func format(_ value: Double) -> String { String(format: "%.1f", value / 1000) }
      func ratio(_ value: Double) -> String { String(format: "%.2f", value / ours) }
      print(
        column("\(count)", 10), column(rows.name, 8), column(subject.name, 15), column(format(ours), 10),
        column(format(whole), 10), column(ratio(whole), 7), column(format(copying), 8),
        column(ratio(whole - copying), 8))
    }
  }
}
