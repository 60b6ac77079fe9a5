import Tokens

/// Makes tokens of the recent past less likely: by a factor (repetition), once (presence), per use (frequency).
///
/// Repetition divides a positive logit and multiplies another one. Then presence, and frequency times the number of
/// uses, are subtracted. Sources: Keskar et al., "CTRL", 2019; the order is llama.cpp's. In llama.cpp presence and
/// frequency count the prompt's tokens, in vLLM they do not.
struct Penalties: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var lastTokens = 64
    var repetition: Float = 1
    var presence: Float = 0
    var frequency: Float = 0
    var countsPrompt = true
  }

  static let name = "penalties"
  static let summary = "Makes tokens that were used recently less likely."
  static let parameters: [Parameter<Parameters>] = [
    .integer(
      "penalty_last_n", \.lastTokens, -1...Limits.count, off: 0, aliases: ["repeat_last_n"],
      "How many tokens to look back, prompt included, usually 64; -1 is the whole sequence, 0 turns it off."),
    .number(
      "repetition_penalty", \.repetition, 0.001...1000, off: 1, aliases: ["repeat_penalty"],
      "Divides the positive logits of used tokens and multiplies the negative ones; usually 1 to 1.2; 1 turns it off."
    ),
    .number(
      "presence_penalty", \.presence, -Limits.parameterMagnitude...Limits.parameterMagnitude, off: 0,
      "Subtracted once from the logit of every used token; usually 0 to 1; 0 turns it off."),
    .number(
      "frequency_penalty", \.frequency, -Limits.parameterMagnitude...Limits.parameterMagnitude, off: 0,
      "Subtracted from the logit of a used token once for each use; usually 0 to 1; 0 turns it off."),
    .flag(
      "penalty_prompt", \.countsPrompt,
      "Whether presence and frequency count the prompt's tokens too: 1 does, as in llama.cpp; 0 does not, as in vLLM."
    ),
  ]

  /// How often a token of the window was used.
  private struct Uses {
    var all: Int32 = 0
    var generated: Int32 = 0
  }

  private let values: Parameters
  private var history: TokenHistory
  private var uses: [TokenID: Uses] = [:]
  /// What is accepted before the first step is the prompt.
  private var isGenerating = false
  /// Tokens of the prompt in the window; they leave it first.
  private var promptTokens = 0

  init?(_ parameters: Parameters, _ context: StageContext) {
    let isOff = parameters.repetition == 1 && parameters.presence == 0 && parameters.frequency == 0
    if parameters.lastTokens == 0 || isOff { return nil }
    values = parameters
    history = TokenHistory(limit: parameters.lastTokens < 0 ? nil : parameters.lastTokens)
  }

  mutating func accept(_ token: TokenID) {
    uses[token, default: Uses()].all += 1
    if isGenerating { uses[token]?.generated += 1 } else { promptTokens += 1 }
    guard let dropped = history.append(token), var left = uses[dropped] else { return }
    left.all -= 1
    if promptTokens > 0 { promptTokens -= 1 } else { left.generated -= 1 }
    uses[dropped] = left.all > 0 ? left : nil
  }

  mutating func reset() {
    history.removeAll()
    uses.removeAll(keepingCapacity: true)
    isGenerating = false
    promptTokens = 0
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    isGenerating = true
    if candidates.isDense {
      for (token, count) in uses {
        guard let index = candidates.index(of: token) else { continue }
        candidates.setLogit(penalized(candidates.logit(at: index), count), at: index)
      }
    } else {
      for index in 0..<candidates.count {
        guard let count = uses[candidates.id(at: index)] else { continue }
        candidates.setLogit(penalized(candidates.logit(at: index), count), at: index)
      }
    }
  }

  private func penalized(_ logit: Float, _ uses: Uses) -> Float {
    let scaled = logit <= 0 ? logit * values.repetition : logit / values.repetition
    let count = values.countsPrompt ? uses.all : uses.generated
    return count > 0 ? scaled - (Float(count) * values.frequency + values.presence) : scaled
  }
}
