import Glibc
import Inference
import ModelFormats
import Tokens

/// Measures a model as a sequence of calls: prompt speed, and decoding speed for several numbers of sequences.
///
/// Prints one JSON object with the keys of the script that measures llama.cpp, so that the two can be put side by
/// side: `InferenceBenchmark MODEL.gguf [--prompt 512] [--predict 64] [--streams 1,16] [--threads 2] [--repeat 3]
/// [--arithmetic own]`.
struct Settings {
  var path = ""
  var prompt = 512
  var predict = 64
  var streams = [1, 16]
  var threads = 2
  var repeats = 3
  var arithmetic: Arithmetic?
  /// Token ids of a prompt to continue greedily instead of measuring.
  var greedy: [TokenID] = []

  /// Reads the arguments; nil when one is not understood.
  init?(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        path = argument
        continue
      }
      if argument == "--arithmetic" {
        guard let name = rest.popFirst(), let named = Arithmetic(name: name) else { return nil }
        arithmetic = named
        continue
      }
      let numbers = rest.popFirst()?.split(separator: ",").compactMap { Int($0) } ?? []
      guard let first = numbers.first, numbers.allSatisfy({ $0 >= 0 }) else { return nil }
      switch argument {
      case "--prompt": prompt = max(1, first)
      case "--predict": predict = max(1, first)
      case "--streams": streams = numbers.map { max(1, $0) }
      case "--threads": threads = first
      case "--repeat": repeats = max(1, first)
      case "--greedy": greedy = numbers.map { TokenID($0) }
      default: return nil
      }
    }
    if path.isEmpty { return nil }
  }
}

/// Seconds since some fixed moment.
func now() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_MONOTONIC, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// The median time of `repeats` runs after a first one that does not count.
func timed(_ repeats: Int, _ work: () throws -> Void) rethrows -> Double {
  try work()
  var seconds: [Double] = []
  for _ in 0..<repeats {
    let start = now()
    try work()
    seconds.append(now() - start)
  }
  return seconds.sorted()[repeats / 2]
}

/// The index of the largest logit.
func best(_ logits: UnsafeBufferPointer<Float>) -> TokenID {
  var best = 0
  for index in logits.indices where logits[index] > logits[best] { best = index }
  return TokenID(best)
}

/// Prints the ids that follow a prompt when the likeliest token is always taken.
func greedy(_ model: LanguageModel, _ settings: Settings) throws {
  let cache = model.makeCache()
  var next = settings.greedy
  var ids: [TokenID] = []
  for _ in 0..<settings.predict {
    let slot = BatchSlot(cache: cache, tokens: next[...], wantsLogits: true)
    guard let logits = try model.forward([slot]).first ?? nil else { return }
    next = [best(logits)]
    ids += next
  }
  print("{\"ids\": \(ids)}")
}

/// Tokens per second of `count` sequences that each take one token a call.
func decodeSpeed(_ model: LanguageModel, _ settings: Settings, _ tokens: [TokenID], count: Int) throws
  -> Double
{
  let start = 32
  let caches = (0..<count).map { _ in model.makeCache() }
  for cache in caches {
    _ = try model.forward([BatchSlot(cache: cache, tokens: tokens[..<start], wantsLogits: true)])
  }
  let seconds = try timed(settings.repeats) {
    for step in 0..<settings.predict {
      let slots = caches.enumerated().map { index, cache in
        let at = (index + step) % 64
        return BatchSlot(cache: cache, tokens: tokens[at...at], wantsLogits: true)
      }
      _ = try model.forward(slots)
    }
    for cache in caches { cache.truncate(to: start) }
  }
  return Double(count * settings.predict) / seconds
}

/// A number as it is printed: two decimals.
func rounded(_ value: Double) -> Double { (value * 100).rounded() / 100 }

/// Loads, measures and prints.
func measure(_ settings: Settings) throws {
  let file = try ModelFile.open(path: settings.path)
  let start = now()
  let most = settings.streams.max() ?? 1
  let positions = max(settings.prompt, 64) + most * (64 + settings.predict) + 256
  let model = try LanguageModel.load(
    file: file,
    options: LoadOptions(
      threads: settings.threads, cache: .positions(positions), arithmetic: settings.arithmetic))
  let load = now() - start
  if !settings.greedy.isEmpty { return try greedy(model, settings) }
  let size = model.vocabularySize
  let tokens = (0..<max(settings.prompt, 64)).map { TokenID(($0 * 7919 + 13) % (size - 300) + 259) }
  let prompt = try timed(settings.repeats) {
    let slot = BatchSlot(cache: model.makeCache(), tokens: tokens[..<settings.prompt], wantsLogits: true)
    _ = try model.forward([slot])
  }
  var speeds: [String] = []
  for count in settings.streams {
    speeds.append("\"\(count)\": \(rounded(try decodeSpeed(model, settings, tokens, count: count)))")
  }
  let name = settings.path.split(separator: "/").last ?? ""
  print(
    "{\"model\": \"\(name)\", \"threads\": \(settings.threads), \"load_s\": \(rounded(load)), "
      + "\"prompt_tokens\": \(settings.prompt), "
      + "\"prompt_tok_s\": \(rounded(Double(settings.prompt) / prompt)), "
      + "\"decode_tok_s\": {\(speeds.joined(separator: ", "))}}")
}

guard let settings = Settings(CommandLine.arguments) else {
  print(
    "usage: InferenceBenchmark MODEL.gguf [--prompt N] [--predict N] [--streams N,N] [--threads N]"
      + " [--repeat N] [--arithmetic NAME]"
  )
  exit(2)
}
do {
  try measure(settings)
} catch {
  print("error: \(error)")
  exit(1)
}
