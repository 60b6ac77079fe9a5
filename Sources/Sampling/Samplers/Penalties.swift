import Tokens

/// Makes tokens of the recent past less likely: by a factor (repetition), once (presence), per use (frequency).
///
/// Repetition divides a positive logit and multiplies another one. Then presence, and frequency times the number of
/// uses, are subtracted. Sources: Keskar et al., "CTRL", 2019; the order is llama.cpp's. Whether presence and frequency
/// count the prompt's tokens differs: they do in llama.cpp, not in vLLM.
struct PenaltiesStage: SamplerStage {
  /// How often a token of the window was used.
  private struct Uses {
    var all: Int32 = 0
    var generated: Int32 = 0
  }

  let name = "penalties"
  let repetition: Float
  let presence: Float
  let frequency: Float
  let countsPrompt: Bool
  private var history: TokenHistory
  private var uses: [TokenID: Uses] = [:]
  /// What is accepted before the first step is the prompt.
  private var isGenerating = false
  /// Tokens of the prompt in the window; they leave it first.
  private var promptTokens = 0

  /// `lastTokens` is how far back to look; nil for the whole sequence.
  init(lastTokens: Int?, repetition: Float, presence: Float, frequency: Float, countsPrompt: Bool = true) {
    history = TokenHistory(limit: lastTokens)
    self.repetition = repetition
    self.presence = presence
    self.frequency = frequency
    self.countsPrompt = countsPrompt
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
    let scaled = logit <= 0 ? logit * repetition : logit / repetition
    let count = countsPrompt ? uses.all : uses.generated
    return count > 0 ? scaled - (Float(count) * frequency + presence) : scaled
  }
}
