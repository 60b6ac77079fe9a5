import Glibc
import JSON

/// How positions rotate queries and keys, as `rope_parameters`, or `rope_theta` and `rope_scaling`, give it.
///
/// Source: modeling_rope_utils.py of transformers.
struct RopeConfig {
  /// How a longer context than the trained one is reached.
  enum Scaling {
    case none
    case linear(factor: Double)
    /// `attention` multiplies cosines and sines; nil: what follows from the factor.
    case yarn(factor: Double, original: Int, fast: Double, slow: Double, attention: Double?)
    case llama3(factor: Double, low: Double, high: Double, original: Int)
  }

  let base: Double
  let scaling: Scaling
  /// What of it is not used, one sentence each.
  private(set) var setAside: [String] = []

  /// Reads both spellings: transformers 5 has one object where earlier versions had two keys.
  init(_ file: JSONFile, positions: Int, headLength: Int) throws(ModelFormatError) {
    var own = try file.object("rope_parameters")
    if own == nil { own = try file.object("rope_scaling") }
    var base = try own?.number("rope_theta", in: Limits.ropeBase)
    if base == nil { base = try file.number("rope_theta", in: Limits.ropeBase) }
    self.base = base ?? 10_000
    for place in [own, file].compactMap({ $0 }) {
      guard let part = try place.number("partial_rotary_factor", in: 0...1), part != 1 else { continue }
      throw place.error("partial_rotary_factor", place["partial_rotary_factor"], expected: "1")
    }
    guard let own else {
      scaling = .none
      return
    }
    let key = own["rope_type"] == nil ? "type" : "rope_type"
    func factor() throws(ModelFormatError) -> Double {
      guard let factor = try own.number("factor", in: Limits.ropeNumbers) else {
        throw own.error("factor", nil, expected: "a number")
      }
      return factor
    }
    switch try own.text(key) ?? "default" {
    case "default": scaling = .none
    case "linear": scaling = .linear(factor: try factor())
    case "dynamic":
      // Within max_position_embeddings, beyond which no sequence goes here, nothing is scaled.
      scaling = .none
      setAside.append(
        "\(own.prefix)\(key) is dynamic, which begins beyond max_position_embeddings, \(positions); "
          + "longer sequences are refused")
    case "yarn": scaling = try Self.yarn(own, file, positions: positions)
    case "llama3":
      scaling = .llama3(
        factor: try factor(), low: try own.number("low_freq_factor", in: Limits.ropeNumbers) ?? 1,
        high: try own.number("high_freq_factor", in: Limits.ropeNumbers) ?? 4,
        original: try own.required("original_max_position_embeddings", in: Limits.positions))
    case let type:
      throw ModelFormatError(
        .unsupported, path: file.path, "\(own.prefix)\(key) is \(ModelFormatError.quoted(type))",
        expected: "this build computes default, linear, dynamic, yarn and llama3")
    }
  }

  private static func yarn(
    _ own: JSONFile, _ file: JSONFile, positions: Int
  ) throws(ModelFormatError) -> Scaling {
    if let value = own["truncate"], value.bool != true {
      throw own.error("truncate", value, expected: "true")
    }
    let original = try own.integer("original_max_position_embeddings", in: Limits.positions)
    let factor =
      try own.number("factor", in: Limits.ropeNumbers) ?? Double(positions) / Double(original ?? positions)
    var attention = try own.number("attention_factor", in: Limits.ropeNumbers)
    let scales = [try own.number("mscale", in: 0...1e6), try own.number("mscale_all_dim", in: 0...1e6)]
    if attention == nil, let mine = scales[0], let all = scales[1], mine != 0, all != 0 {
      attention = magnitude(factor, mine) / magnitude(factor, all)
    }
    return .yarn(
      factor: factor, original: original ?? positions,
      fast: try own.number("beta_fast", in: Limits.ropeNumbers) ?? 32,
      slow: try own.number("beta_slow", in: Limits.ropeNumbers) ?? 1, attention: attention)
  }

  /// What YaRN multiplies cosines and sines by.
  static func magnitude(_ factor: Double, _ scale: Double = 1) -> Double {
    factor <= 1 ? 1 : 0.1 * scale * log(factor) + 1
  }

  /// The divisors of the frequencies that Llama 3.1 and later have, one a pair; nil with other scalings.
  func divisors(headLength: Int) -> [Float]? {
    guard case .llama3(let factor, let low, let high, let original) = scaling else { return nil }
    return (0..<headLength / 2).map { pair in
      let frequency = pow(base, -2 * Double(pair) / Double(headLength))
      let turns = Double(original) * frequency / (2 * .pi)
      if turns < low { return Float(factor) }
      if turns > high { return 1 }
      let smooth = (turns - low) / (high - low)
      return Float(1 / ((1 - smooth) / factor + smooth))
    }
  }
}
