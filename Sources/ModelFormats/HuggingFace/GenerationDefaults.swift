import JSON

/// What a checkpoint says about generating: `generation_config.json`, and `config.json` where that is missing.
struct GenerationDefaults {
  /// The tokens that end a generation; nil if the files name none.
  private(set) var endTokens: [Int64]?
  /// Keys of `general.sampling` to their values.
  private var sampling: [(key: String, value: MetadataValue)] = []
  /// What is not used, one sentence each.
  private(set) var setAside: [String] = []

  /// Settings that are the same here, and their keys in GGUF.
  private static let settings = [
    ("temperature", "temp"), ("top_k", "top_k"), ("top_p", "top_p"), ("min_p", "min_p"),
    ("typical_p", "typical_p"), ("repetition_penalty", "penalty_repeat"),
    ("epsilon_cutoff", "epsilon_cutoff"),
    ("eta_cutoff", "eta_cutoff"), ("no_repeat_ngram_size", "no_repeat_ngram_size"),
  ]
  /// Those of them that GGUF has as integers.
  private static let counts: Set<String> = ["top_k", "no_repeat_ngram_size"]
  /// Settings that change what is generated and that nothing here does, with the value that changes nothing.
  private static let others = [
    "num_beams": 1.0, "penalty_alpha": 0, "guidance_scale": 1, "encoder_repetition_penalty": 1,
  ]

  /// Reads the files of a folder.
  init(_ folder: CheckpointFolder, config: JSONFile) throws(ModelFormatError) {
    let generation = try folder.json("generation_config.json")
    endTokens = try Self.tokens("eos_token_id", generation ?? config)
    guard let generation else { return }
    try readSampling(generation)
    for (key, neutral) in Self.others.sorted(by: { $0.key < $1.key }) {
      guard let number = generation[key]?.double, number != neutral else { continue }
      setAside.append(
        "\(key) of generation_config.json is \(generation[key]?.sourceText ?? ""), which is not used")
    }
  }

  /// Sampling settings as transformers takes them: without `do_sample` the likeliest token is taken.
  private mutating func readSampling(_ file: JSONFile) throws(ModelFormatError) {
    var samples = try file.flag("do_sample")
    for (key, name) in Self.settings {
      guard let value = file[key] else { continue }
      guard let number = value.double, number.isFinite else {
        throw file.error(key, value, expected: "a number")
      }
      let whole = Self.counts.contains(key) ? value.int : nil
      sampling.append((name, whole.map { .int(Int64($0)) } ?? .float(number)))
      // Who gives a temperature means it, whatever else the file leaves out.
      if samples == nil { samples = true }
    }
    switch samples {
    case true?: sampling.insert(("profile", .string(Array("transformers".utf8))), at: 0)
    case false?: sampling = sampling.filter { $0.key != "temp" } + [("temp", .float(0))]
    case nil: break
    }
  }

  /// A token, or a list of them.
  private static func tokens(_ key: String, _ file: JSONFile) throws(ModelFormatError) -> [Int64]? {
    guard let value = file[key] else { return nil }
    let numbers = value.elements.map { $0.map(\.int) } ?? [value.int]
    guard numbers.count <= Limits.endTokens, numbers.allSatisfy({ ($0 ?? -1) >= 0 }) else {
      throw file.error(key, value, expected: "a token id, or a list of them")
    }
    return numbers.compactMap { $0.map(Int64.init) }
  }

  /// Adds them under GGUF's keys, and the tokens under one of our own, because GGUF has room for one only.
  func write(to metadata: inout Metadata) {
    if let endTokens { metadata.add("tokenizer.end_token_ids", .ints(endTokens)) }
    for (key, value) in sampling { metadata.add("general.sampling." + key, value) }
  }
}
