/// The splitting rules that are built in.
enum SplittingRules {
  /// Rules whose vocabularies turn a word that is a token into that token without merging.
  static let ignoringMerges: Set<String> = [
    "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano",
    "minicpm5", "youtu", "tekken", "granite-embed-multi-97m",
  ]

  /// Rules whose models expect a beginning of sequence unless the file says otherwise.
  static let addingBeginning: Set<String> = [
    "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2", "jina-v5-nano",
    "tekken",
    "chameleon",
  ]

  /// The names that share a rule, and the passes of the rule.
  static let all: [(names: [String], passes: [SplittingRule.Pass])] = [
    (["default"], patterns(#"[\p{P}$+<=>^~|]+"#, gpt2, #"\p{N}+"#, "[0-9][0-9][0-9]")),
    (
      [
        "gpt-2", "phi-2", "jina-es", "jina-de", "jina-v1-en", "jina-v2-es", "jina-v2-de", "jina-v2-code",
        "gigachat",
        "a.x-4.0", "mellum", "modern-bert", "roberta-bpe", "mpt", "olmo", "jais", "trillion",
        "granite-docling",
        "exaone4",
      ], patterns(gpt2)
    ),
    (
      [
        "smollm", "starcoder", "refact", "command-r", "codeshell", "exaone", "minerva-7b", "mellum2",
      ], patterns(#"\p{N}"#, gpt2)
    ),
    (["falcon"], patterns(#"[\p{P}$+<=>^~|`]+"#, gpt2, "[0-9][0-9][0-9]")),
    (
      [
        "llama3", "llama-v3", "llama-bpe", "falcon3", "falcon-h1", "pixtral", "midm-2.0", "lfm2",
        "jina-v5-nano", "dbrx",
        "smaug-bpe", "glm4", "chatglm-bpe",
      ], patterns(words(digits: #"\p{N}{1,3}"#))
    ),
    (
      [
        "qwen2", "deepseek-r1-qwen", "kormo", "f2llmv2", "megrez", "stablelm2", "hunyuan", "solar-open",
        "grok-2",
      ], patterns(words(digits: #"\p{N}"#))
    ),
    (["qwen35"], patterns(qwen35)),
    (["minicpm5"], patterns(#"\p{N}{1,3}"#, words(digits: #"\p{N}+"#))),
    (["laguna"], patterns(#"[^\n]+|[\n]+"#, words(digits: #"\p{N}"#))),
    (["ufakzeka"], patterns(withoutContractions)),
    (["seed-coder"], patterns(seedCoder)),
    (["bailingmoe", "bailingmoe2", "llada-moe"], patterns(bailing)),
    (["jais-2"], patterns(jais2)),
    (["exaone-moe"], patterns(exaoneMoE)),
    (["gpt-4o", "llama4", "kanana2", "talkie", "minimax-m2", "granite-embed-multi-97m"], patterns(gpt4o)),
    (["tekken"], patterns(tekken)),
    (["kimi-k2"], patterns(kimiK2)),
    (["youtu"], patterns(youtuScripts, cased(digits: #"\p{N}"#, suffix: contraction, breaks: #"[\r\n/]*"#))),
    (
      ["deepseek-llm"],
      patterns(#"[\r\n]"#, deepSeekLetters, deepSeekMarks, #"\s+$"#, deepSeekHan, #"\p{N}+"#)
    ),
    (["deepseek-coder"], patterns(#"[\r\n]"#, #"\s?\p{L}+"#, #"\s?\p{P}+"#, deepSeekHan, #"\p{N}"#)),
    (
      ["deepseek-v3", "hunyuan-dense", "joyai-llm", "hy_v4"],
      patterns(#"\p{N}{1,3}"#, "[一-龥\u{3040}-ゟ゠-ヿ]+", deepSeekV3)
    ),
    (["spark2_5"], patterns(#"\p{N}{1,3}"#, "[一-龥\u{3040}-ゟ゠-ヿ]+", spark, #"\p{N}"#)),
    (["poro-chat", "bloom", "gpt3-finnish"], patterns(bloom)),
    (["viking"], patterns(bloom, #"\p{N}"#)),
    (["chameleon"], patterns(chameleon, #"\p{N}"#, #"[\p{P}!-/:-@\[-`{-~]"#, gpt2)),
    (["superbpe"], [.pattern(#"\p{N}+"#), .digitTriples(#"\d"#, .keep)]),
    (["tiny_aya", "cohere2moe"], [.digitTriples(#"\d"#, .cutUnlessWord), .pattern(gpt4o)]),
    (
      ["afmoe"],
      [.digitTriples(#"\p{N}"#, .cut), .pattern(asianScripts), .pattern(deepSeekV3)]
    ),
  ]

  private static func patterns(_ patterns: String...) -> [SplittingRule.Pass] {
    patterns.map { .pattern($0) }
  }
}
