/// The arguments of transformers' `generate` that a profile can hold.
enum GenerationNumbers {
  private static let samplers = [
    "temperature", "top_k", "top_p", "min_p", "typical_p", "repetition_penalty", "no_repeat_ngram_size",
    "epsilon_cutoff", "eta_cutoff",
  ]
  private static let tokens = ["max_new_tokens", "generate_len"]

  /// Every name.
  static let all = samplers + tokens + ["do_sample"]

  /// The key and the value of an argument; nil for a value that is not written out.
  static func finding(_ name: String, _ value: String) -> (key: String, value: Finding.Value)? {
    if name == "do_sample" {
      return ["True", "true", "False", "false"].contains(value)
        ? (name, .flag(value.lowercased() == "true")) : nil
    }
    guard let number = Double(value), number.isFinite else { return nil }
    if tokens.contains(name) {
      return number >= 1 && number == number.rounded() && number < 1e9
        ? ("max_tokens", .number("\(Int(number))")) : nil
    }
    return ("samplers.\(name)", .number(value))
  }
}
