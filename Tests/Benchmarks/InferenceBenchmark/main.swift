import Glibc
import Inference
import ModelFormats
import Tokens

/// Measures a model as a sequence of calls: prompt speed, and decoding speed for several numbers of sequences.
///
/// Prints one JSON object with the keys of the script that measures llama.cpp, so that the two can be put side by
/// side: `InferenceBenchmark MODEL.gguf [--prompt 512] [--predict 64] [--streams 1,16] [--threads 2] [--repeat 3]`.
/// With `--logits FILE --tokens 1,2,3` it writes the logits after each of those tokens to a file instead: rows of
/// 32-bit floats in the order of the machine.
struct Settings {
  var path = ""
  var prompt = 512
  var predict = 64
  var streams = [1, 16]
  var threads = 2
  var repeats = 3
  /// The tokens whose logits are written to `logits`.
  var tokens: [TokenID] = []
  var logits: String?

  /// Reads the arguments; nil when one is not understood.
  init?(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        path = argument
        continue
      }
      if argument == "--logits" {
        logits = rest.popFirst()
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
      case "--tokens": tokens = numbers.map { TokenID($0) }
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

/// What the benchmark itself can fail with.
enum BenchmarkError: Error {
  case cannotWrite(String)
}

/// Writes the logits after each token: tokens × vocabulary floats.
func writeLogits(_ settings: Settings, to path: String) throws {
  let model = try LanguageModel.load(
    file: try ModelFile.open(path: settings.path),
    options: LoadOptions(threads: settings.threads, cache: .positions(settings.tokens.count)))
  guard let file = fopen(path, "w") else { throw BenchmarkError.cannotWrite(path) }
  var written = 0
  let slot = BatchSlot(cache: model.makeCache(), tokens: settings.tokens[...], wantsLogits: true)
  try model.forwardAll(slot) { _, logits in
    written += fwrite(logits.baseAddress, MemoryLayout<Float>.stride, logits.count, file)
  }
  let isWhole = written == settings.tokens.count * model.vocabularySize
  guard fclose(file) == 0, isWhole else { throw BenchmarkError.cannotWrite(path) }
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
    options: LoadOptions(threads: settings.threads, cache: .positions(positions)))
  let load = now() - start
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
      + " [--repeat N] [--logits FILE --tokens N,N,...]"
  )
  exit(2)
}
do {
  if let path = settings.logits {
    try writeLogits(settings, to: path)
  } else {
    try measure(settings)
  }
} catch {
  print("error: \(error)")
  exit(1)
}
