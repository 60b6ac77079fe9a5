import Glibc
public import Tokens

/// A token and the natural logarithm of its probability.
public struct TokenLogprob: Sendable, Equatable {
  /// The token that the probability belongs to.
  public var token: TokenID
  /// ln p, at most 0.
  public var logprob: Float

  /// A token with its logarithm.
  public init(token: TokenID, logprob: Float) {
    self.token = token
    self.logprob = logprob
  }
}

/// A row of logits read as the model's own distribution, before any sampler.
public struct LogProbabilities {
  private let logits: UnsafeBufferPointer<Float>
  private let largest: Float
  private let logarithmOfSum: Float

  /// Reads a row, which must stay unchanged while this is used; NaN and -∞ have no probability.
  public init(_ logits: UnsafeBufferPointer<Float>) {
    self.logits = logits
    let maximum = VectorMath.maximum(logits)
    largest = maximum.isFinite ? maximum : maximum > 0 ? .greatestFiniteMagnitude : 0
    logarithmOfSum = Float(log(VectorMath.sumOfExponentials(of: logits, minus: largest)))
  }

  /// ln p of a token; -∞ for one that cannot be picked.
  public subscript(token: TokenID) -> Float {
    let logit = logits[token.index]
    guard logit > -.infinity else { return -.infinity }
    return min(0, (min(logit, .greatestFiniteMagnitude) - largest) - logarithmOfSum)
  }

  /// The `count` most probable tokens, best first, the lowest id among equals.
  public func top(_ count: Int) -> [TokenLogprob] {
    guard count > 0 else { return [] }
    var candidates = Candidates()
    do throws(SamplingError) { try candidates.load(logits) } catch { return [] }
    let found = candidates.selectTop(min(count, logits.count))
    return candidates.keys[..<found].map { key in
      let token = TokenID(rawValue: key.id)
      return TokenLogprob(token: token, logprob: self[token])
    }
  }
}
