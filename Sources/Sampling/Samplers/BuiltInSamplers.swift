/// The stages of this module: what they take, and how they are made.
enum BuiltInStages {
  static let all: [SamplerRegistry.Entry] = [
    logitBias, penalties, dry, topNSigma, topK, typical, topP, minP, xtc, temperature, noRepeatNgram, epsilon,
    eta,
    mirostat, mirostatV2, adaptiveP, dist, greedy,
  ]

  private static let magnitude = Limits.parameterMagnitude
  private static let minimumKept = ParameterDescriptor(
    name: "min_keep", kind: .integer(0...Limits.count), default: .integer(0),
    meaning: "Keeps at least so many candidates, whatever the cut.")
  private static let keepTies = ParameterDescriptor(
    name: "keep_ties", kind: .integer(0...1), default: .integer(0),
    meaning: "1 also keeps what ties with the last one kept, as transformers and vLLM do.")

  static let logitBias = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "logit_bias", summary: "Adds to the logits of given tokens.",
      parameters: [
        ParameterDescriptor(
          name: "logit_bias", kind: .biases, default: .biases([]), neutral: .biases([]),
          meaning: "What to add by token; minus infinity bans it.")
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let biases = parameters.biases("logit_bias")
      return biases.isEmpty ? nil : LogitBiasStage(biases: biases)
    })

  static let penalties = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "penalties", summary: "Makes tokens of the recent past less likely.",
      parameters: [
        ParameterDescriptor(
          name: "penalty_last_n", kind: .integer(-1...Limits.count), default: .integer(64),
          neutral: .integer(0),
          meaning: "How many tokens to look back, prompt included; 0 is off, -1 the whole sequence."),
        ParameterDescriptor(
          name: "repetition_penalty", kind: .number(0.001...1000), default: .number(1), neutral: .number(1),
          meaning: "Divides positive logits of used tokens and multiplies negative ones; 1 is off."),
        ParameterDescriptor(
          name: "presence_penalty", kind: .number(-magnitude...magnitude), default: .number(0),
          neutral: .number(0),
          meaning: "Subtracted once from the logit of a used token; 0 is off."),
        ParameterDescriptor(
          name: "frequency_penalty", kind: .number(-magnitude...magnitude), default: .number(0),
          neutral: .number(0), meaning: "Subtracted from the logit of a used token for each use; 0 is off."),
        ParameterDescriptor(
          name: "penalty_prompt", kind: .integer(0...1), default: .integer(1),
          meaning: "0 lets presence and frequency count what was generated only, as vLLM does."),
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let last = parameters.integer("penalty_last_n")
      let repetition = parameters.float("repetition_penalty")
      let presence = parameters.float("presence_penalty")
      let frequency = parameters.float("frequency_penalty")
      if last == 0 || (repetition == 1 && presence == 0 && frequency == 0) { return nil }
      return PenaltiesStage(
        lastTokens: last < 0 ? nil : last, repetition: repetition, presence: presence, frequency: frequency,
        countsPrompt: parameters.integer("penalty_prompt") == 1)
    })

  static let dry = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "dry", summary: "Penalises tokens that would go on repeating what the sequence said before.",
      parameters: [
        ParameterDescriptor(
          name: "dry_multiplier", kind: .number(0...magnitude), default: .number(0), neutral: .number(0),
          meaning: "Size of the penalty; 0 is off."),
        ParameterDescriptor(
          name: "dry_base", kind: .number(1...1000), default: .number(1.75),
          meaning: "How the penalty grows with each repeated token."),
        ParameterDescriptor(
          name: "dry_allowed_length", kind: .integer(1...Limits.count), default: .integer(2),
          meaning: "Repetitions shorter than this are free."),
        ParameterDescriptor(
          name: "dry_penalty_last_n", kind: .integer(-1...Limits.count), default: .integer(64),
          neutral: .integer(0),
          meaning: "How many tokens to look back; 0 is off, -1 the whole sequence."),
        ParameterDescriptor(
          name: "dry_sequence_breakers", kind: .sequences, default: .sequences([]),
          meaning: "Texts, as token lists, that no repetition reaches across."),
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let multiplier = parameters.float("dry_multiplier")
      let last = parameters.integer("dry_penalty_last_n")
      guard multiplier > 0, last != 0, case .sequences(let breakers)? = parameters["dry_sequence_breakers"]
      else {
        return nil
      }
      return DryStage(
        multiplier: multiplier, base: parameters.float("dry_base"),
        allowedLength: parameters.integer("dry_allowed_length"), lastTokens: last < 0 ? nil : last,
        breakers: breakers)
    })

  static let topNSigma = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "top_n_sigma", summary: "Keeps candidates within n standard deviations of the highest logit.",
      parameters: [
        ParameterDescriptor(
          name: "top_n_sigma", kind: .number(-1...1000), default: .number(-1), neutral: .number(-1),
          meaning: "Standard deviations; 0 and below is off.")
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let n = parameters.float("top_n_sigma")
      return n > 0 ? TopNSigmaStage(n: n) : nil
    })

  static let topK = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "top_k", summary: "Keeps the k most probable candidates.",
      parameters: [
        ParameterDescriptor(
          name: "top_k", kind: .integer(-1...Limits.count), default: .integer(40), neutral: .integer(0),
          meaning: "How many to keep; 0 and -1 are off."), keepTies,
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let k = parameters.integer("top_k")
      return k > 0 ? TopKStage(k: k, keepsTies: parameters.integer("keep_ties") == 1) : nil
    })

  static let typical = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "typ_p", summary: "Keeps the candidates whose surprise is closest to the entropy.",
      parameters: [
        ParameterDescriptor(
          name: "typical_p", kind: .number(0...1), default: .number(1), neutral: .number(1),
          meaning: "Probability to keep; 1 is off."), minimumKept, keepTies,
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let p = parameters.float("typical_p")
      if p >= 1 { return nil }
      return TypicalStage(
        p: p, minimumKept: parameters.integer("min_keep"), keepsTies: parameters.integer("keep_ties") == 1)
    })

  static let topP = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "top_p", summary: "Keeps the fewest most probable candidates that reach a probability together.",
      parameters: [
        ParameterDescriptor(
          name: "top_p", kind: .number(0...1), default: .number(0.95), neutral: .number(1),
          meaning: "Probability to keep; 1 is off."), minimumKept,
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let p = parameters.float("top_p")
      return p < 1 ? TopPStage(p: p, minimumKept: parameters.integer("min_keep")) : nil
    })

  static let minP = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "min_p", summary: "Keeps candidates that are at least p times as probable as the best.",
      parameters: [
        ParameterDescriptor(
          name: "min_p", kind: .number(0...1), default: .number(0.05), neutral: .number(0),
          meaning: "Share of the best candidate's probability; 0 is off."), minimumKept,
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let p = parameters.float("min_p")
      return p > 0 ? MinPStage(p: p, minimumKept: parameters.integer("min_keep")) : nil
    })

  static let xtc = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "xtc", summary: "Now and then drops the top choices but the least probable of them.",
      parameters: [
        ParameterDescriptor(
          name: "xtc_probability", kind: .number(0...1), default: .number(0), neutral: .number(0),
          meaning: "How often; 0 is off."),
        ParameterDescriptor(
          name: "xtc_threshold", kind: .number(0...1), default: .number(0.1),
          meaning: "A top choice has at least this probability; above 0.5 is off."), minimumKept,
      ]),
    make: { (parameters, context) throws(SamplingError) in
      let probability = parameters.float("xtc_probability")
      let threshold = parameters.float("xtc_threshold")
      if probability <= 0 || threshold > 0.5 { return nil }
      return XTCStage(
        probability: probability, threshold: threshold, minimumKept: parameters.integer("min_keep"),
        random: context.random)
    })

  static let temperature = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "temperature", summary: "Divides logits: below 1 sharper, above 1 flatter, 0 greedy.",
      parameters: [
        ParameterDescriptor(
          name: "temperature", kind: .number(0...magnitude), default: .number(0.8), neutral: .number(1),
          meaning: "The divisor; 0 keeps only the most probable candidate, 1 is off."),
        ParameterDescriptor(
          name: "dynatemp_range", kind: .number(0...magnitude), default: .number(0), neutral: .number(0),
          meaning: "Temperature follows the entropy within ± this; 0 is off."),
        ParameterDescriptor(
          name: "dynatemp_exponent", kind: .number(0...1000), default: .number(1),
          meaning: "How the temperature follows the entropy."),
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let temperature = parameters.float("temperature")
      let range = parameters.float("dynatemp_range")
      if temperature == 1, range == 0 { return nil }
      return TemperatureStage(
        temperature: temperature, range: range, exponent: parameters.float("dynatemp_exponent"))
    })

  static let noRepeatNgram = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "no_repeat_ngram", summary: "Bans tokens that would complete an n-gram that the sequence has.",
      parameters: [
        ParameterDescriptor(
          name: "no_repeat_ngram_size", kind: .integer(0...Limits.count), default: .integer(0),
          neutral: .integer(0),
          meaning: "n; 0 is off.")
      ]),
    make: { (parameters, _) throws(SamplingError) in
      let size = parameters.integer("no_repeat_ngram_size")
      return size > 0 ? NoRepeatNgramStage(size: size) : nil
    })

  static let epsilon = cutoff("epsilon_cutoff", "Drops candidates less probable than epsilon.", false)
  static let eta = cutoff(
    "eta_cutoff", "Drops candidates less probable than epsilon, adapted to the entropy.", true)

  private static func cutoff(_ name: String, _ summary: String, _ followsEntropy: Bool)
    -> SamplerRegistry.Entry
  {
    SamplerRegistry.Entry(
      descriptor: StageDescriptor(
        name: name, summary: summary,
        parameters: [
          ParameterDescriptor(
            name: name, kind: .number(0...1), default: .number(0), neutral: .number(0),
            meaning: "The least probability; 0 is off."), minimumKept,
        ]),
      make: { (parameters, _) throws(SamplingError) in
        let cutoff = parameters.float(name)
        if cutoff <= 0 { return nil }
        return CutoffStage(
          name: name, cutoff: cutoff, followsEntropy: followsEntropy,
          minimumKept: parameters.integer("min_keep"))
      })
  }

  private static let mirostatParameters = [
    ParameterDescriptor(
      name: "mirostat_tau", kind: .number(0...1000), default: .number(5),
      meaning: "The surprise to aim at, in bits."),
    ParameterDescriptor(
      name: "mirostat_eta", kind: .number(0...1000), default: .number(0.1),
      meaning: "How fast the bound follows."),
  ]

  static let mirostat = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "mirostat",
      summary: "Keeps the surprise of the picked tokens near a target (version 1), and picks.",
      parameters: mirostatParameters, selectsToken: true),
    make: { (parameters, context) throws(SamplingError) in
      MirostatStage(
        vocabularySize: context.vocabularySize, target: parameters.float("mirostat_tau"),
        rate: parameters.float("mirostat_eta"), random: RandomSource(seed: context.seed))
    })

  static let mirostatV2 = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "mirostat_v2",
      summary: "Keeps the surprise of the picked tokens near a target (version 2), and picks.",
      parameters: mirostatParameters, selectsToken: true),
    make: { (parameters, context) throws(SamplingError) in
      MirostatV2Stage(
        target: parameters.float("mirostat_tau"), rate: parameters.float("mirostat_eta"),
        random: RandomSource(seed: context.seed))
    })

  static let adaptiveP = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "adaptive_p", summary: "Prefers candidates whose probability is near a target, and picks.",
      parameters: [
        ParameterDescriptor(
          name: "adaptive_target", kind: .number(-1...1), default: .number(-1), neutral: .number(-1),
          meaning: "The probability to aim at; negative is a plain pick."),
        ParameterDescriptor(
          name: "adaptive_decay", kind: .number(0...0.99), default: .number(0.9),
          meaning: "How long picks of the past count."),
      ], selectsToken: true),
    make: { (parameters, context) throws(SamplingError) in
      let target = parameters.float("adaptive_target")
      let random = RandomSource(seed: context.seed)
      if target < 0 { return DistributionStage(random: random) }
      return AdaptivePStage(target: target, decay: parameters.float("adaptive_decay"), random: random)
    })

  static let dist = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "dist", summary: "Picks a candidate with its probability.", parameters: [], selectsToken: true),
    make: { (_, context) throws(SamplingError) in
      DistributionStage(random: RandomSource(seed: context.seed))
    })

  static let greedy = SamplerRegistry.Entry(
    descriptor: StageDescriptor(
      name: "greedy", summary: "Picks the most probable candidate, the lowest id among equals.",
      parameters: [],
      selectsToken: true),
    make: { (_, _) throws(SamplingError) in GreedyStage() })
}
