import CKernels
import Glibc
public import Tokens

/// A row of logits read as the network's own distribution: natural logarithms of probabilities, before any sampler.
///
/// The same row always gives the same bits, on every thread and every processor.
public struct LogSoftmax {
  /// The row; must outlive this value.
  public let logits: UnsafeBufferPointer<Float>
  /// The most probable token, the lowest id among equals.
  public let likeliest: TokenID
  private let largest: Float
  private let logarithmOfSum: Float

  /// Reads a row of at least one logit.
  public init(_ logits: UnsafeBufferPointer<Float>) {
    let first = logits.baseAddress.unsafelyUnwrapped
    let best = ck_argmax(first, logits.count)
    self.logits = logits
    likeliest = TokenID(best)
    largest = logits[best]
    logarithmOfSum = Float(log(ck_sum_exp(first, logits.count, largest)))
  }

  /// Whether every logit is a number and the largest is finite; damaged weights give rows that are not.
  public var isValid: Bool { largest.isFinite && logarithmOfSum.isFinite }

  /// ln p of a token, at most 0; -∞ for a logit of -∞.
  public subscript(token: TokenID) -> Float { min(0, (logits[token.index] - largest) - logarithmOfSum) }
}
