// Each constant is the pattern in the `tokenizer.json` (or tiktoken file) of the models that it is named after.
extension SplittingRules {
  /// GPT-2: contractions; words, numbers and other runs, each with one leading space; runs of spaces without the last.
  static let gpt2 = #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#

  static let contraction = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"
  private static let otherRuns = #" ?[^\s\p{L}\p{N}]+[\r\n]*"#
  private static let spaces = #"\s*[\r\n]+|\s+(?!\S)|\s+"#
  private static let lettersWithLead = #"[^\r\n\p{L}\p{N}]?\p{L}+"#

  /// Llama 3, Qwen 2 and similar models, which differ in how many digits form a piece.
  static func words(digits: String) -> String {
    "\(contraction)|\(lettersWithLead)|\(digits)|\(otherRuns)|\(spaces)"
  }

  static let withoutContractions = #"\#(lettersWithLead)|\p{N}|\#(otherRuns)|\#(spaces)"#

  static let qwen35 =
    #"\#(contraction)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\#(spaces)"#

  static let seedCoder =
    #"\#(contraction)|\#(lettersWithLead)|\p{N}{1}| ?[^\s\p{L}\p{N}\r\n]+|\#(spaces)"#

  static let bailing =
    #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#

  /// Whitespace in powers of two, the longest first.
  static let jais2: String = {
    let runs = ["512", "256", "128", "64", "32", "16", "8", "4", "1,2"].map { #"\s{\#($0)}(?!\S)"# }
    return #"\#(contraction)|\#(lettersWithLead)|\p{N}{1,3}|\#(otherRuns)|\s*[\r\n]+|"#
      + runs.joined(separator: "|") + #"|\s{1}"#
  }()

  static let exaoneMoE =
    #"\#(contraction)|[^\r\n\p{L}\p{N}]?(?:\p{L}\p{M}*(?: \p{L}\p{M}*)*)+|\p{N}"#
    + #"| ?[^\s\p{L}\p{N}]+[\r\n/]?|\s*[\r\n]|\s+(?!\S)|\s+"#

  /// Words that are cut where lower case changes to upper case.
  static func cased(digits: String, suffix: String, breaks: String, without: String = "") -> String {
    let upper = #"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}\#(without)]"#
    let lower = #"[\p{Ll}\p{Lm}\p{Lo}\p{M}\#(without)]"#
    let end = suffix.isEmpty ? "" : "\(suffix)?"
    return #"[^\r\n\p{L}\p{N}]?\#(upper)*\#(lower)+\#(end)|[^\r\n\p{L}\p{N}]?\#(upper)+\#(lower)*\#(end)"#
      + #"|\#(digits)| ?[^\s\p{L}\p{N}]+\#(breaks)|\#(spaces)"#
  }

  static let gpt4o = cased(digits: #"\p{N}{1,3}"#, suffix: contraction, breaks: #"[\r\n/]*"#)
  static let tekken = cased(digits: #"\p{N}"#, suffix: "", breaks: #"[\r\n/]*"#)

  /// GPT-4o's, with runs of Han characters as pieces.
  static let kimiK2 =
    #"[\p{Han}]+|"#
    + cased(digits: #"\p{N}{1,3}"#, suffix: contraction, breaks: #"[\r\n]*"#, without: #"&&[^\p{Han}]"#)

  static let youtuScripts =
    "[가-힣ㄱ-ㆎ]+|[！…“”‘’—：；，、-\u{303F}\u{FE30}-\u{FE4F}]+|[ㄅ-ㄯ]+|[一-龥\u{3040}-ゟ゠-ヿ]+"

  static let bloom = " ?[^(\\s|.,!?…。，、।۔،)]+"

  static let chameleon =
    #"<sentinel:[0-9]+>|(IMGIMG)((A|B|C|D|E|F|G|H|I){1,4})Z|([\t\n]|    |  )"#

  /// DeepSeek V3: punctuation with a word, words with their marks, punctuation and symbols.
  static let deepSeekV3 = #"\#(deepSeekWords)| ?[\p{P}\p{S}]+[\r\n]*|\#(spaces)"#
  private static let deepSeekWords =
    ##"[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"##
  static let spark = #"\#(deepSeekWords)| ?[\p{P}\p{S}]+|[\r\n]|\s+(?!\S)|\s+"#

  static let deepSeekHan = "[一-龥\u{0800}-一가-\u{D7FF}]+"
  static let deepSeekMarks = #"\s?[!-/:-~！-／：-～‘-‟\u3000-。]+"#

  /// The cased letters in the Unicode version of the first DeepSeek models.
  static let deepSeekLetters =
    #"\s?[A-Za-zµÀ-ÖØ-öø-ƺƼ-ƿǄ-ʓʕ-ʯͰ-ͳͶͷͻ-ͽͿΆΈ-ΊΌΎ-ΡΣ-ϵϷ-ҁҊ-ԯԱ-ՖႠ-ჅᎠ-Ᏽᏸ-ᏽᲐ-ᲺᲽ-Ჿᴀ-ᴫᵫ-ᵷᵹ-ᶚ"#
    + #"Ḁ-ἕἘ-Ἕἠ-ὅὈ-Ὅὐ-ὗὙὛὝὟ-\u1F7Dᾀ-ᾴᾶ-ᾼ\u1FBEῂ-ῄῆ-ῌῐ-\u1FD3ῖ-\u1FDBῠ-Ῥῲ-ῴῶ-ῼℂℇℊ-ℓℕℙ-ℝℤ\u2126ℨ\u212A-ℭℯ-ℴℹℼ-ℿ"#
    + #"ⅅ-ⅉⅎↃↄⰀ-ⱻⱾ-ⳤⳫ-ⳮⳲⳳꙀ-ꙭꚀ-ꚛꜢ-ꝯꝱ-ꞇꞋ-ꞎꭰ-ꮿﬀ-ﬆﬓ-ﬗＡ-Ｚａ-ｚ"#
    + #"𐐀-𐑏𐒰-𐓓𐓘-𐓻𐲀-𐲲𐳀-𐳲𑢠-𑣟𞤀-𞥃]+"#

  /// Scripts without spaces between words, which AFMoE cuts off.
  static let asianScripts =
    "[一-\u{9FFF}㐀-\u{4DBF}\u{F900}-\u{FAFF}\u{3040}-ゟ゠-ヿ･-ﾟ⼀-\u{2FDF}\u{0E40}-\u{0E7F}\u{0E80}-\u{0EFF}"
    + "ក-\u{17FF}က-\u{109F}ꩠ-\u{AA7F}ꧠ-\u{A9FF}가-\u{D7AF}ᄀ-ᇿ]+"
}
