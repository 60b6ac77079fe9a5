import Sampling
import Tokens

@testable import Engine

/// A prompt that differs from others in every token.
func prompt(_ seed: Int, _ count: Int) -> [TokenID] {
  var random = RandomSource(seed: UInt64(seed))
  return (0..<count).map { _ in TokenID(Int(random.next() % 97)) }
}

func greedy() throws(SamplingError) -> SamplerChain {
  try SamplerChain(.greedy, vocabularySize: 97)
}

func random(_ seed: Int) throws(SamplingError) -> SamplerChain {
  var settings = SamplerSettings()
  settings.temperature = 1.1
  settings.penaltyLastN = 32
  settings.repetitionPenalty = 1.2
  settings.seed = UInt64(seed)
  let effective = try EffectiveSettings([(.request, settings)], vocabularySize: 97)
  return try SamplerChain(effective.chain, vocabularySize: 97)
}

/// What a request must give, computed without an engine.
func expected(_ prompt: [TokenID], _ count: Int, _ sampler: SamplerChain) throws(SamplingError) -> [TokenID] {
  var sampler = sampler
  var history = prompt
  for token in prompt { sampler.accept(token) }
  for _ in 0..<count {
    let row = FakeModel.logits(after: history, vocabularySize: 97)
    let result = row.withUnsafeBufferPointer { row -> Result<SampledToken, SamplingError> in
      do throws(SamplingError) { return .success(try sampler.sample(row)) } catch { return .failure(error) }
    }
    let token = try result.get().token
    sampler.accept(token)
    history.append(token)
  }
  return Array(history.dropFirst(prompt.count))
}

/// Reads a stream to its end.
func collect(_ stream: TokenStream) async throws(EngineError) -> [TokenID] {
  var tokens: [TokenID] = []
  while let token = try await stream.next() { tokens.append(token.token) }
  return tokens
}

extension Engine where Model == FakeModel {
  /// A request of `count` greedy tokens.
  func greedyStream(_ prompt: [TokenID], _ count: Int?, cacheable: Bool = true) throws -> TokenStream {
    try submit(
      GenerationRequest(prompt: prompt, sampler: try greedy(), maxTokens: count, cacheable: cacheable))
  }
}

func options(_ change: (inout EngineOptions) -> Void) -> EngineOptions {
  var options = EngineOptions()
  change(&options)
  return options
}
