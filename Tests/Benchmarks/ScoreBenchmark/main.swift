import Engine
import Glibc
import Inference
import ModelFormats
import Sampling
import Tokens

/// Measures how fast continuations after a shared prompt are scored, beside the speed of a prompt, in turns.
///
/// `limit` is what the ratio would be if all multiplications went at one speed and nothing else took time.
///
/// Prints one JSON object: `ScoreBenchmark MODEL.gguf [--context 512] [--continuations 64] [--length 8] [--threads 2]
/// [--repeat 5]`.
struct Settings {
  var path = ""
  var context = 512
  var continuations = 64
  var length = 8
  var threads = 2
  var repeats = 5

  /// Reads the arguments; nil when one is not understood.
  init?(_ arguments: [String]) {
    var rest = arguments.dropFirst()
    while let argument = rest.popFirst() {
      guard argument.hasPrefix("--") else {
        path = argument
        continue
      }
      guard let number = rest.popFirst().flatMap({ Int($0) }), number > 0 else { return nil }
      switch argument {
      case "--context": context = number
      case "--continuations": continuations = number
      case "--length": length = number
      case "--threads": threads = number
      case "--repeat": repeats = number
      default: return nil
      }
    }
    if path.isEmpty { return nil }
  }
}

/// Seconds by a clock.
func time(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Seconds that work took, on the wall and of all processors.
///
/// The latter tell more where others use the machine, if there is only one thread: several busy-wait for each other.
struct Cost {
  var wall: Double
  var processor: Double

  /// What `work` takes.
  static func of(_ work: () async throws -> Void) async rethrows -> Cost {
    let (wall, processor) = (time(CLOCK_MONOTONIC), time(CLOCK_PROCESS_CPUTIME_ID))
    try await work()
    return Cost(
      wall: time(CLOCK_MONOTONIC) - wall, processor: time(CLOCK_PROCESS_CPUTIME_ID) - processor)
  }
}

/// Multiplications that a model needs: those of weights, and those of attention, which are of floats and count for as
/// many products of bytes as a vector of the same size holds.
struct Work {
  private let model: ModelConfiguration
  private let vocabulary: Double
  private static let bytesPerFloat = 4.0

  init(_ model: LanguageModel) {
    self.model = model.configuration
    vocabulary = Double(model.vocabularySize)
  }

  private var queryKeyValue: Double {
    Double(model.embeddingLength * (model.queryLength + 2 * model.keyValueLength))
  }
  private var layer: Double {
    queryKeyValue + Double(model.embeddingLength * (model.queryLength + 3 * model.feedForwardLength))
  }
  private var attention: Double { Self.bytesPerFloat * Double(2 * model.queryLength) }
  private var layers: Double { Double(model.layerCount) }

  /// Work for a prompt of `count` tokens: the last layer only stores keys and values.
  func prompt(_ count: Double) -> Double {
    count * ((layers - 1) * layer + queryKeyValue) + (layers - 1) * attention * count * (count + 1) / 2
  }

  /// Work for scoring `texts` texts of `length` tokens after `context` others: the last token of a text is not run, and
  /// the context's last one is, once.
  func scores(_ texts: Double, _ length: Double, after context: Double) -> Double {
    let rows = texts * (length - 1)
    let seen = rows * (context + length / 2) + context
    return (rows + 1) * (layers * layer + vocabulary * Double(model.embeddingLength))
      + layers * attention * seen
  }
}

/// The middle one.
func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// Loads, measures and prints.
func measure(_ settings: Settings) async throws {
  let positions = 2 * settings.context + 64 * (settings.continuations + 64) + settings.length
  let model = try LanguageModel.load(
    file: try ModelFile.open(path: settings.path),
    options: LoadOptions(threads: settings.threads, cache: .positions(positions)))
  let size = model.vocabularySize
  let engine = try Engine(model: model)
  func tokens(_ count: Int, _ seed: Int) -> [TokenID] {
    (0..<count).map { TokenID(($0 * 7919 + seed * 104_729 + 13) % (size - 300) + 259) }
  }
  let context = tokens(settings.context, 1)
  let texts = (0..<settings.continuations).map { ScoringRequest.Text(tokens(settings.length, $0 + 2)) }
  // The context stays in the cache, as after the first of many requests.
  for try await _ in try engine.score(ScoringRequest(context: context, texts: texts)) {}
  var costs: [(prompt: Cost, score: Cost)] = []
  for _ in 0..<settings.repeats {
    let prompt = try await Cost.of {
      let request = GenerationRequest(
        prompt: context, sampler: try SamplerChain(.greedy, vocabularySize: size), maxTokens: 0,
        cacheable: false)
      for try await _ in try engine.submit(request) {}
    }
    let score = try await Cost.of {
      for try await _ in try engine.score(ScoringRequest(context: context, texts: texts)) {}
    }
    costs.append((prompt, score))
  }
  await engine.shutdown()
  let (promptTokens, scoreTokens) = (
    Double(settings.context), Double(settings.continuations * settings.length)
  )
  let work = Work(model)
  let limit =
    scoreTokens * work.prompt(promptTokens)
    / (promptTokens
      * work.scores(Double(settings.continuations), Double(settings.length), after: promptTokens))
  func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
  func ratio(_ cost: (Cost) -> Double) -> Double {
    rounded(median(costs.map { (scoreTokens / cost($0.score)) / (promptTokens / cost($0.prompt)) }))
  }
  print(
    "{\"prompt_tok_s\": \(rounded(median(costs.map { promptTokens / $0.prompt.wall }))), "
      + "\"score_tok_s\": \(rounded(median(costs.map { scoreTokens / $0.score.wall }))), "
      + "\"ratio\": \(ratio { $0.wall }), \"processor_ratio\": \(ratio { $0.processor }), "
      + "\"limit\": \(rounded(limit))}")
}

guard let settings = Settings(CommandLine.arguments) else {
  print(
    "usage: ScoreBenchmark MODEL.gguf [--context N] [--continuations N] [--length N] [--threads N] [--repeat N]"
  )
  exit(2)
}
do {
  try await measure(settings)
} catch {
  print("error: \(error)")
  exit(1)
}
