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

  /// Logits in a part of a row; the last one may have fewer.
  static let partLength = Int(CK_SOFTMAX_VALUES)

  /// Parts of a row of `count` logits.
  static func partCount(of count: Int) -> Int { (count + partLength - 1) / partLength }

  /// Reads a row of at least one logit.
  public init(_ logits: UnsafeBufferPointer<Float>) {
    let first = logits.baseAddress.unsafelyUnwrapped
    let count = Self.partCount(of: logits.count)
    self = withUnsafeTemporaryAllocation(of: ck_softmax_part.self, capacity: count) { parts in
      for index in 0..<count {
        let start = index * Self.partLength
        parts.initializeElement(
          at: index, to: ck_softmax_of(first + start, min(Self.partLength, logits.count - start)))
      }
      return LogSoftmax(logits, parts: UnsafeBufferPointer(parts))
    }
  }

  /// Reads a row of which the softmax of each part is known.
  init(_ logits: UnsafeBufferPointer<Float>, parts: UnsafeBufferPointer<ck_softmax_part>) {
    var best = 0
    for index in parts.indices where parts[index].largest > parts[best].largest { best = index }
    let start = best * Self.partLength
    let part = UnsafeBufferPointer(rebasing: logits[start..<min(start + Self.partLength, logits.count)])
    self.logits = logits
    largest = parts[best].largest
    likeliest = TokenID(start + ck_argmax(part.baseAddress, part.count))
    logarithmOfSum = Float(log(ck_softmax_sum(parts.baseAddress, parts.count, largest)))
  }

  /// Whether every logit is a number and the largest is finite; damaged weights give rows that are not.
  public var isValid: Bool { largest.isFinite && logarithmOfSum.isFinite }

  /// ln p of a token, at most 0; -∞ for a logit of -∞.
  public subscript(token: TokenID) -> Float { min(0, (logits[token.index] - largest) - logarithmOfSum) }
}
