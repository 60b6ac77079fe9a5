import Tokens

/// A parameter of a built-in sampler: how it is described, and where in the typed values it goes.
///
/// Its default is what a new `Values` holds there.
struct Parameter<Values: SamplerParameters>: Sendable {
  /// Name, type, range, default and meaning.
  let descriptor: ParameterDescriptor
  /// Puts a checked value where the sampler reads it.
  let store: @Sendable (ParameterValue, inout Values) -> Void

  private init(
    _ name: String, _ kind: ParameterKind, default value: ParameterValue, off: ParameterValue?,
    aliases: [String], _ meaning: String, store: @escaping @Sendable (ParameterValue, inout Values) -> Void
  ) {
    descriptor = ParameterDescriptor(
      name: name, kind: kind, default: value, neutral: off, aliases: aliases, meaning: meaning)
    self.store = store
  }

  /// A real number; `off` is the value at which the sampler does nothing, `aliases` are names that other tools use.
  static func number(
    _ name: String, _ path: any WritableKeyPath<Values, Float> & Sendable, _ range: ClosedRange<Double>,
    off: Double? = nil, aliases: [String] = [], _ meaning: String
  ) -> Parameter {
    let initial = Values()[keyPath: path]
    // The shortest decimal that is this float: 0.95 and not 0.949999988.
    let usual = Double(initial.description) ?? Double(initial)
    return Parameter(
      name, .number(range), default: .number(usual), off: off.map { .number($0) }, aliases: aliases, meaning
    ) { value, values in
      if case .number(let number) = value { values[keyPath: path] = Float(number) }
    }
  }

  /// A whole number.
  static func integer(
    _ name: String, _ path: any WritableKeyPath<Values, Int> & Sendable, _ range: ClosedRange<Int>,
    off: Int? = nil, aliases: [String] = [], _ meaning: String
  ) -> Parameter {
    Parameter(
      name, .integer(range), default: .integer(Values()[keyPath: path]), off: off.map { .integer($0) },
      aliases: aliases, meaning
    ) { value, values in
      if case .integer(let integer) = value { values[keyPath: path] = integer }
    }
  }

  /// A switch: 0 for false, 1 for true.
  static func flag(
    _ name: String, _ path: any WritableKeyPath<Values, Bool> & Sendable, _ meaning: String
  ) -> Parameter {
    Parameter(
      name, .integer(0...1), default: .integer(Values()[keyPath: path] ? 1 : 0), off: nil, aliases: [],
      meaning
    ) { value, values in
      values[keyPath: path] = value == .integer(1)
    }
  }

  /// Token biases; none is the value at which the sampler does nothing.
  static func biases(
    _ name: String, _ path: any WritableKeyPath<Values, [TokenBias]> & Sendable, _ meaning: String
  ) -> Parameter {
    Parameter(
      name, .biases, default: .biases(Values()[keyPath: path]), off: .biases([]), aliases: [], meaning
    ) { value, values in
      if case .biases(let biases) = value { values[keyPath: path] = biases }
    }
  }

  /// Lists of tokens.
  static func sequences(
    _ name: String, _ path: any WritableKeyPath<Values, [[TokenID]]> & Sendable, _ meaning: String
  ) -> Parameter {
    Parameter(
      name, .sequences, default: .sequences(Values()[keyPath: path]), off: nil, aliases: [], meaning
    ) { value, values in
      if case .sequences(let sequences) = value { values[keyPath: path] = sequences }
    }
  }
}

// Parameters that several samplers have.
extension Parameter {
  /// `min_keep`, which all samplers that cut by probability have.
  static func minimumKept(_ path: any WritableKeyPath<Values, Int> & Sendable) -> Parameter {
    .integer(
      "min_keep", path, 0...Limits.count,
      "Always keeps at least this many candidates, however strict the cut; usually 0.")
  }

  /// `keep_ties`, where implementations differ in what they do with equal candidates.
  static func keepsTies(_ path: any WritableKeyPath<Values, Bool> & Sendable) -> Parameter {
    .flag(
      "keep_ties", path,
      "1 also keeps candidates that tie with the last one kept, as transformers and vLLM do; 0 does not, as in "
        + "llama.cpp.")
  }
}
