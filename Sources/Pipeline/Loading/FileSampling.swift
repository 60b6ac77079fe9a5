import ModelFormats
import Sampling

/// The sampling settings in a model file: `general.sampling.*`, as llama.cpp writes and reads them.
enum FileSampling {
  /// The keys, without their prefix, and the settings that they stand for.
  ///
  /// Source: llama.cpp, `LLM_KV_GENERAL_SAMPLING_*`.
  private static let keys = [
    ("temp", "temperature"), ("top_k", "top_k"), ("top_p", "top_p"), ("min_p", "min_p"),
    ("xtc_probability", "xtc_probability"), ("xtc_threshold", "xtc_threshold"),
    ("penalty_last_n", "penalty_last_n"), ("penalty_repeat", "repetition_penalty"), ("mirostat", "mirostat"),
    ("mirostat_tau", "mirostat_tau"), ("mirostat_eta", "mirostat_eta"),
  ]

  /// The settings of the file; those that it does not have stay nil.
  ///
  /// - Throws: `SamplingError` for a value outside its range.
  static func read(_ metadata: Metadata) throws(SamplingError) -> SamplerSettings {
    var settings = SamplerSettings()
    for (key, name) in keys {
      let key = "general.sampling.\(key)"
      if let value = metadata.integer(key) {
        try settings.set(name, to: .integer(value))
      } else if let value = metadata.float(key) {
        // The shortest decimal that is this float: 0.95 and not 0.949999988.
        try settings.set(name, to: .number(Double(value.description) ?? Double(value)))
      }
    }
    return settings
  }
}
