import Tokens

/// Makes tokens of the recent past less likely: by a factor (repetition), once (presence), per use (frequency).
///
/// Repetition divides a positive logit and multiplies another one. Then presence, and frequency times the number of
/// uses, are subtracted. Sources: Keskar et al., "CTRL", 2019; the order is llama.cpp's.
struct PenaltiesStage: SamplerStage {
  let name = "penalties"
  let repetition: Float
  let presence: Float
  let frequency: Float
  private var history: TokenHistory
  private var uses: [TokenID: Int] = [:]

  /// `lastTokens` is how far back to look; nil for the whole sequence.
  init(lastTokens: Int?, repetition: Float, presence: Float, frequency: Float) {
    history = TokenHistory(limit: lastTokens)
    self.repetition = repetition
    self.presence = presence
    self.frequency = frequency
  }

  mutating func accept(_ token: TokenID) {
    uses[token, default: 0] += 1
    guard let dropped = history.append(token), let count = uses[dropped] else { return }
    uses[dropped] = count > 1 ? count - 1 : nil
  }

  mutating func reset() {
    history.removeAll()
    uses.removeAll(keepingCapacity: true)
  }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
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

  private func penalized(_ logit: Float, _ count: Int) -> Float {
    let scaled = logit <= 0 ? logit * repetition : logit / repetition
    return scaled - (Float(count) * frequency + presence)
  }
}
