import Glibc
import ModelFormats
import Sampling

/// The sampling settings in a model file: `general.sampling.*`, as llama.cpp writes and reads them, and those that a
/// checkpoint's `generation_config.json` has beyond that.
struct FileSampling {
  /// A key, without its prefix, and the setting that it stands for.
  private struct Entry {
    var key: String
    var name: String
    var isInteger = false
    /// Values beyond these mean what the nearest of them means.
    var range = -Double.infinity...Double.infinity
  }

  private static let prefix = "general.sampling."
  /// The keys but for `sequence` and `profile`.
  ///
  /// Source: llama.cpp, `common_init_sampler_from_model`.
  private static let entries = [
    // A negative temperature takes the likeliest token, as 0 does.
    Entry(key: "temp", name: "temperature", range: 0...Double.infinity),
    Entry(key: "top_k", name: "top_k", isInteger: true, range: 0...Double.infinity),
    Entry(key: "top_p", name: "top_p", range: 0...1),
    Entry(key: "min_p", name: "min_p", range: 0...1),
    Entry(key: "xtc_probability", name: "xtc_probability", range: 0...1),
    Entry(key: "xtc_threshold", name: "xtc_threshold", range: 0...1),
    Entry(key: "penalty_last_n", name: "penalty_last_n", isInteger: true),
    Entry(key: "penalty_repeat", name: "repetition_penalty"),
    Entry(key: "mirostat", name: "mirostat", isInteger: true),
    Entry(key: "mirostat_tau", name: "mirostat_tau"),
    Entry(key: "mirostat_eta", name: "mirostat_eta"),
    // What only checkpoints have.
    Entry(key: "typical_p", name: "typical_p", range: 0...1),
    Entry(key: "epsilon_cutoff", name: "epsilon_cutoff"),
    Entry(key: "eta_cutoff", name: "eta_cutoff"),
    Entry(key: "no_repeat_ngram_size", name: "no_repeat_ngram_size", isInteger: true),
  ]

  /// The settings of the file; those that it does not have stay nil.
  private(set) var settings = SamplerSettings()
  /// Values that were not used as they are, and why, one sentence each.
  private(set) var setAside: [String] = []

  /// Reads the settings of a file.
  init(_ metadata: Metadata) {
    for entry in Self.entries {
      guard let value = metadata[Self.prefix + entry.key] else { continue }
      read(entry, value)
    }
    if let value = metadata[Self.prefix + "profile"] { readProfile(value) }
    if let value = metadata[Self.prefix + "sequence"] { readSequence(value) }
  }

  private mutating func read(_ entry: Entry, _ value: MetadataValue) {
    let key = Self.prefix + entry.key
    guard var number = Self.number(value), !number.isNaN else {
      setAside.append("\(key) is \(MetadataText.quoted(value)), which is not a number; the default is used")
      return
    }
    if entry.isInteger { number = number.rounded(.towardZero) }
    let used = min(max(number, entry.range.lowerBound), entry.range.upperBound)
    let whole = entry.isInteger ? Int(exactly: used) : nil
    do throws(SamplingError) {
      try settings.set(entry.name, to: whole.map { .integer($0) } ?? .number(used))
    } catch {
      setAside.append("\(key): \(error); the default is used")
      return
    }
    if used != number {
      setAside.append(
        "\(key) is \(MetadataText.quoted(value)); \(whole.map { "\($0)" } ?? "\(used)") is used")
    }
  }

  /// The number of a value, or that at the front of a text.
  private static func number(_ value: MetadataValue) -> Double? {
    switch value {
    case .int(let value): return Double(value)
    case .uint(let value): return Double(value)
    // The shortest decimal that is this float: 0.95 and not 0.949999988.
    case .float(let value): return Double(Float(value).description) ?? value
    case .string(let bytes):
      let text = String(decoding: bytes, as: UTF8.self)
      return text.withCString { start in
        var end: UnsafeMutablePointer<CChar>?
        let number = strtod(start, &end)
        return end.map { $0 > UnsafeMutablePointer(mutating: start) } == true ? number : nil
      }
    default: return nil
    }
  }
}

extension FileSampling {
  /// Reads the name of the library whose defaults the settings count on.
  private mutating func readProfile(_ value: MetadataValue) {
    let known = ChainProfile.all.map(\.name)
    let name = if case .string(let bytes) = value { String(decoding: bytes, as: UTF8.self) } else { "" }
    guard known.contains(name) else {
      setAside.append(
        "\(Self.prefix)profile is \(MetadataText.quoted(value)), which is not one of "
          + "\(known.joined(separator: ", ")); the default is used")
      return
    }
    settings.profile = name
  }
}

// The order of the stages.
extension FileSampling {
  /// Names of llama.cpp's stages that are not this package's, without the separators that may be in a name.
  private static let aliases = ["nucleus": "top_p", "temp": "temperature", "typ": "typ_p"]
  /// The stages that a sequence may name.
  private static let stages = [
    "dry", "top_k", "top_p", "top_n_sigma", "typ_p", "min_p", "temperature", "xtc", "penalties",
    "adaptive_p",
  ]

  /// Reads names of stages with semicolons between them; a name that is unknown is left out.
  private mutating func readSequence(_ value: MetadataValue) {
    let key = Self.prefix + "sequence"
    guard case .string(let bytes) = value else {
      setAside.append("\(key) is \(MetadataText.quoted(value)), which is not a text; the usual order is used")
      return
    }
    var order = ["logit_bias"]
    let names = String(decoding: bytes, as: UTF8.self).split(separator: ";")
    if names.count > PipelineLimits.sequenceNames {
      setAside.append(
        "\(key) has \(names.count) names; those behind the first \(PipelineLimits.sequenceNames) are left out"
      )
    }
    for name in names.prefix(PipelineLimits.sequenceNames) {
      if let stage = Self.stage(String(name)) {
        order.append(stage)
      } else {
        let shown = MetadataText.short(String(name), characters: 64)
        setAside.append("\(key) names '\(shown)', which is not a stage of this build; it is left out")
      }
    }
    guard !bytes.isEmpty else { return }
    // As in llama.cpp this stage picks the token, wherever the sequence has it.
    if order.contains("adaptive_p") { order = order.filter { $0 != "adaptive_p" } + ["adaptive_p"] }
    settings.order = order
  }

  private static func stage(_ name: String) -> String? {
    let name = name.lowercased()
    return aliases[name]
      ?? stages.first { stage in
        ["_", "-", ""].contains { stage.split(separator: "_").joined(separator: $0) == name }
      }
  }
}
