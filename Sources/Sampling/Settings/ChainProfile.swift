/// An order of stages with its defaults: which library's conventions the numbers of a model card follow.
public struct ChainProfile: Sendable, Equatable {
  /// The name, as in `SamplerSettings.profile`.
  public var name: String
  /// The stages in order; those whose values make them do nothing are left out of the chain.
  public var order: [String]
  /// The defaults that differ from those of the stages.
  public var defaults: [SettingName: ParameterValue]

  /// llama.cpp's order and defaults: temperature 0.8, top_k 40, top_p 0.95, min_p 0.05.
  public static let llamaCpp = ChainProfile(
    name: "llama.cpp",
    order: [
      "logit_bias", "penalties", "dry", "top_n_sigma", "top_k", "typ_p", "top_p", "min_p", "xtc",
      "temperature",
    ],
    defaults: [:])

  /// transformers' order of processors and warpers; defaults of a sampling `generate` (temperature 1, top_k 50).
  ///
  /// Candidates that tie with the last one kept are kept too. Source: `GenerationMixin._get_logits_processor`.
  public static let transformers = ChainProfile(
    name: "transformers",
    order: [
      "logit_bias", "penalties", "no_repeat_ngram", "temperature", "top_k", "top_p", "min_p", "typ_p",
      "epsilon_cutoff", "eta_cutoff",
    ],
    defaults: [
      .temperature: .number(1), .topK: .integer(50), .topP: .number(1), .minP: .number(0),
      .penaltyLastN: .integer(-1), .keepTies: .integer(1),
    ])

  /// vLLM's order; everything is off by default.
  ///
  /// Presence and frequency count generated tokens only, repetition counts the prompt's too. Source: its documentation of
  /// `vllm.v1.sample.sampler`.
  public static let vllm = ChainProfile(
    name: "vllm",
    order: ["logit_bias", "penalties", "temperature", "min_p", "top_k", "top_p"],
    defaults: [
      .temperature: .number(1), .topK: .integer(0), .topP: .number(1), .minP: .number(0),
      .penaltyLastN: .integer(-1), .penaltyPrompt: .integer(0), .keepTies: .integer(1),
    ])

  /// Every profile.
  public static let all = [llamaCpp, transformers, vllm]

  /// The profile of a name.
  ///
  /// - Throws: `unknownProfile` with the nearest name.
  public static func named(_ name: String) throws(SamplingError) -> ChainProfile {
    guard let found = all.first(where: { $0.name == name }) else {
      throw .unknownProfile(name: name, nearest: nearestName(to: name, among: all.map(\.name)))
    }
    return found
  }
}
