import Glibc
import ModelFormats

/// How positions rotate queries and keys (rotary position embedding, arXiv 2104.09864).
public struct RopeConfiguration: Sendable, Equatable {
  /// How a longer context than the trained one is reached.
  public enum Scaling: Sendable, Equatable {
    /// Positions as they are.
    case none
    /// Positions divided by `factor`.
    case linear(factor: Float)
    /// Low frequencies stretched, high ones kept (arXiv 2309.00071).
    case yarn(factor: Float, originalContext: Int, betaFast: Float, betaSlow: Float)
  }

  /// The base of the geometric series of frequencies.
  public var base: Float
  /// Leading values of a head that rotate; even.
  public var length: Int
  /// How a longer context than the trained one is reached.
  public var scaling: Scaling
  /// Multiplies the rotated values, whatever the scaling.
  public var attentionFactor: Float = 1
}

extension RopeConfiguration {
  /// Reads the keys under `rope.`, with llama.cpp's defaults: a factor without a type is linear, a factor or an
  /// original context of 0 counts as absent, and `rope.scale_linear` is the older spelling of the factor.
  init(_ read: inout MetadataReader, headLength: Int, contextLength: Int) throws(InferenceError) {
    base = try read.optionalFloat("rope.freq_base", in: Limits.ropeBase) ?? 10_000
    length = try read.optionalInteger("rope.dimension_count", in: 2...headLength) ?? headLength
    guard length.isMultiple(of: 2) else {
      throw .metadata(key: read.key("rope.dimension_count"), found: "\(length)", expected: "an even number")
    }
    let factor = try Self.factor(read)
    switch try read.optionalText("rope.scaling.type") {
    case "none": scaling = .none
    case nil, "linear": scaling = factor == 1 ? .none : .linear(factor: factor)
    case "yarn":
      let key = "rope.scaling.original_context_length"
      let original = try read.optionalInteger(key, in: 0...Limits.contextLength.upperBound) ?? 0
      scaling = .yarn(
        factor: factor, originalContext: original == 0 ? contextLength : original,
        betaFast: read.float("rope.scaling.yarn_beta_fast", in: Limits.scale, default: 32),
        betaSlow: read.float("rope.scaling.yarn_beta_slow", in: Limits.scale, default: 1))
    case let type?:
      throw .metadata(
        key: read.key("rope.scaling.type"), found: "'\(type)'", expected: "none, linear or yarn")
    }
    attentionFactor = try read.optionalFloat("rope.scaling.attn_factor", in: Limits.scale) ?? 1
  }

  /// What positions are divided by; 1 if the file does not say it.
  private static func factor(_ read: MetadataReader) throws(InferenceError) -> Float {
    let known = ["rope.scaling.factor", "rope.scale_linear"].first { read.metadata[read.key($0)] != nil }
    guard let known, read.metadata.float(read.key(known)) != 0 else { return 1 }
    return try read.float(known, in: Limits.ropeFactor)
  }
}

/// How far a position turns each pair of a head.
struct Rotation: BitwiseCopyable {
  let pairs: Int
  /// Radians a position, one for each pair.
  private let radians: UnsafePointer<Double>
  /// Multiplies both cosine and sine.
  private let magnitude: Double
  init(_ rope: RopeConfiguration, factors: [Float]?, in store: PlainStore) {
    let frequencies = RopeFrequencies(rope, factors: factors)
    pairs = rope.length / 2
    radians = store.keep(frequencies.radians)
    magnitude = frequencies.magnitude
  }

  /// Writes `pairs` cosines and sines.
  func fill(position: Int32, cosines: UnsafeMutablePointer<Float>, sines: UnsafeMutablePointer<Float>) {
    for pair in 0..<pairs {
      let angle = Double(position) * radians[pair]
      cosines[pair] = Float(cos(angle) * magnitude)
      sines[pair] = Float(sin(angle) * magnitude)
    }
  }
}

/// The frequencies of a network and the magnitude that scaling gives the rotated values.
struct RopeFrequencies {
  /// Radians a position, one for each pair.
  let radians: [Double]
  /// Multiplies both cosine and sine.
  let magnitude: Double

  /// - Parameter factors: One divisor a pair (`rope_freqs.weight`), as Llama 3.1 and later have them.
  init(_ rope: RopeConfiguration, factors: [Float]?) {
    let base = Double(rope.base)
    var radians = (0..<rope.length / 2).map { pow(base, -2 * Double($0) / Double(rope.length)) }
    if let factors {
      for index in radians.indices { radians[index] /= Double(factors[index]) }
    }
    let attention = Double(rope.attentionFactor)
    switch rope.scaling {
    case .none:
      magnitude = attention
    case .linear(let factor):
      for index in radians.indices { radians[index] /= Double(factor) }
      magnitude = attention
    case .yarn(let factor, let context, let fast, let slow):
      // The pair that turns `turns` times within the original context, as a real number.
      func pair(_ turns: Float) -> Double {
        Double(rope.length) * log(Double(context) / (Double(turns) * 2 * .pi)) / (2 * log(base))
      }
      let low = max(0, floor(pair(fast)))
      let high = min(Double(rope.length - 1), ceil(pair(slow)))
      for index in radians.indices {
        let ramp = min(1, max(0, (Double(index) - low) / max(0.001, high - low)))
        radians[index] *= (1 - ramp) + ramp / Double(factor)
      }
      magnitude = attention * (1 + 0.1 * log(max(1, Double(factor))))
    }
    self.radians = radians
  }
}
