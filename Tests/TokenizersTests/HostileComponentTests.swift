import Testing
import Tokens

@testable import Tokenizers

/// Components of a `tokenizer.json` with numbers and texts at the edge of something, alone and many in a row: a typed error,
/// or tokens inside the text; never a trap, and no more memory or time than a multiple of the text.
struct HostileComponentTests {
  private static let word = #""model":{"type":"WordLevel","vocab":{"a":0,"b":1,"[C]":2},"unk_token":"a"}"#

  /// A file with the word-level model and `parts`.
  static func file(_ parts: String) -> String { "{\(parts),\(word)}" }

  /// `count` copies of a component in a sequence.
  private static func repeated(_ key: String, _ list: String, _ count: Int, _ component: String) -> String {
    let components = [String](repeating: component, count: count).joined(separator: ",")
    return file(#""\#(key)":{"type":"Sequence","\#(list)":[\#(components)]}"#)
  }

  static func pre(_ component: String) -> String { "\"pre_tokenizer\":" + component }

  static func split(_ pattern: String, _ behavior: String = "Isolated") -> String {
    #"{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"\#(behavior)"}"#
  }

  /// The limit at which `body` ends; nil if it ends well.
  static func limit(_ body: () throws(TokenizerError) -> Void) -> String? {
    do throws(TokenizerError) {
      try body()
      return nil
    } catch {
      if case .limit(let name, _, _) = error { return name }
      return "\(error)"
    }
  }

  /// The limit at which opening a file, or encoding and decoding `text` with it, ends.
  static func limit(_ json: String, _ text: String) -> String? {
    limit { () throws(TokenizerError) in
      let tokenizer = try TokenizerFile.make(from: Array(json.utf8))
      _ = tokenizer.decode(try tokenizer.encode(text).map(\.id))
    }
  }

  // MARK: Growth

  private static let long = String(repeating: "x", count: Limits.replacementBytes)
  private static let blanks = String(repeating: " ", count: Limits.replacementBytes)

  /// Steps that each make a text longer: eighteen doublings are within the reach of any machine, sixty are not.
  static let growing: [(name: String, json: String)] = [
    (
      "stand-ins of stand-ins",
      repeated(
        "pre_tokenizer", "pretokenizers", 18,
        #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"#)
    ),
    ("normalized stand-ins", repeated("normalizer", "normalizers", 18, #"{"type":"ByteLevel"}"#)),
    (
      "one character for many",
      repeated(
        "normalizer", "normalizers", 2,
        #"{"type":"Replace","pattern":{"String":"x"},"content":"\#(long)"}"#)
    ),
    (
      "many between all characters",
      repeated(
        "normalizer", "normalizers", 2, #"{"type":"Replace","pattern":{"Regex":""},"content":"\#(long)"}"#)
    ),
    (
      "a space that is many spaces",
      repeated(
        "pre_tokenizer", "pretokenizers", 2, #"{"type":"Metaspace","replacement":"\#(blanks)","split":false}"#
      )
    ),
    (
      "spaces in front of every piece",
      repeated(
        "pre_tokenizer", "pretokenizers", 2, #"{"type":"Metaspace","replacement":"\#(long)","split":false}"#)
    ),
  ]

  @Test("a text does not grow without end", arguments: growing.map(\.name))
  func growth(name: String) throws {
    let json = try #require(Self.growing.first { $0.name == name }).json
    #expect(Self.limit(json, String(repeating: "é x", count: 300)) == "normalizedBytes")
  }

  @Test("what real files do to a text is within the limit, for short texts too")
  func growthOfRealFiles() {
    // U+FDFA is eighteen characters in compatibility form, of which every byte gets a stand-in.
    let json = Self.file(
      #""normalizer":{"type":"NFKC"},"pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}"#)
    for count in [1, 100, 10_000] {
      #expect(Self.limit(json, String(repeating: "\u{FDFA}", count: count)) == nil)
    }
    let spaces = Self.file(#""pre_tokenizer":{"type":"Metaspace"}"#)
    #expect(Self.limit(spaces, String(repeating: " ", count: 100_000)) == nil)
  }

  @Test("a precompiled map whose every entry is long does not grow a text without end")
  func growthOfMap() throws {
    // One unit for "x": the root's children begin at 0, and "x" leads to a value, 0, which is a long string.
    var units = [UInt32](repeating: 0, count: 512)
    units[0] = 0
    units[0x78] = 0x78 | 0x100 | (0x80 << 10)
    units[0x78 ^ 0x80] = 0x8000_0000
    let count = UInt32(units.count * 4)
    var blob = (0..<4).map { UInt8(truncatingIfNeeded: count >> UInt32($0 * 8)) }
    for unit in units { blob += (0..<4).map { UInt8(truncatingIfNeeded: unit >> UInt32($0 * 8)) } }
    blob += [UInt8](repeating: 0x78, count: 1000) + [0]
    let map = try #require(try CharacterMap(blob))
    let text = Array(String(repeating: "x", count: 1000).utf8)
    let byGrapheme = Self.limit { () throws(TokenizerError) in
      try text.withUnsafeBufferPointer { (text) throws(TokenizerError) in
        _ = try NormalizerStep.precompiled(map).apply(AlignedText(text, 0..<text.count))
      }
    }
    let bySequence = Self.limit { () throws(TokenizerError) in
      try text.withUnsafeBufferPointer { (text) throws(TokenizerError) in
        _ = try SentencePieceNormalizer(map: map).normalize(text, 0..<text.count, addsPrefix: true)
      }
    }
    #expect([byGrapheme, bySequence] == ["normalizedBytes", "normalizedBytes"])
  }

  /// Decoders that make a token longer at each step.
  static let growingDecoders: [String] = [
    repeated(
      "decoder", "decoders", 3,
      #"{"type":"Replace","pattern":{"String":"a"},"content":"aaaaaaaaaaaaaaaa\#(long.prefix(500))a"}"#),
    repeated(
      "decoder", "decoders", 3, #"{"type":"Replace","pattern":{"Regex":""},"content":"\#(long)"}"#),
    repeated(
      "decoder", "decoders", 60, #"{"type":"Replace","pattern":{"Regex":"."},"content":"aa"}"#),
    file(
      #""decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},"#
        + [String](
          repeating: #"{"type":"Replace","pattern":{"String":"a"},"content":"aa"}"#, count: 40
        ).joined(separator: ",") + "]}"),
  ]

  @Test("a token does not grow without end", arguments: growingDecoders.indices)
  func decoderGrowth(index: Int) {
    #expect(Self.limit(Self.growingDecoders[index], "a") == "decodedPieceBytes")
  }

  @Test("the ids around a text are counted while they are read")
  func surroundings() {
    let ids = [String](repeating: "0", count: 4_000).joined(separator: ",")
    let part = #"{"SpecialToken":{"id":"[C]","type_id":0}}"#
    let parts = [String](repeating: part, count: 4_000).joined(separator: ",")
    let json = Self.file(
      #""post_processor":{"type":"TemplateProcessing","single":[\#(parts),{"Sequence":{"id":"A","type_id":0}}],"#
        + #""special_tokens":{"[C]":{"id":"[C]","ids":[\#(ids)],"tokens":["[C]"]}}}"#)
    #expect(Self.limit(json, "a") == "surroundingTokens")
  }

  // MARK: Added tokens

  @Test(
    "white space that tokens take is looked at once", .timeLimit(.minutes(60)),
    arguments: [(true, false), (false, true), (true, true)])
  func strippedSpace(left: Bool, right: Bool) throws {
    let token =
      #"{"id":3,"content":" ","lstrip":\#(left),"rstrip":\#(right),"normalized":false,"special":true}"#
    let tokenizer = try TokenizerFile.make(from: Array(Self.file(#""added_tokens":[\#(token)]"#).utf8))
    // With the square of this many steps the test would take hours.
    let text = String(repeating: " ", count: 400_000)
    let tokens = try tokenizer.encode(text, special: .all)
    #expect(tokens.last?.range.upperBound == text.utf8.count)
  }

  // MARK: Everything else

  /// Parts of files that were written by hand to be wrong, odd or extreme.
  static let odd: [String] = {
    func added(_ tokens: String...) -> String { #""added_tokens":[\#(tokens.joined(separator: ","))]"# }
    func token(_ id: String, _ content: String, _ flags: String = "") -> String {
      #"{"id":\#(id),"content":"\#(content)"\#(flags.isEmpty ? "" : "," + flags)}"#
    }
    let both = #""lstrip":true,"rstrip":true"#
    let nested = { (count: Int, list: String) in
      String(repeating: #"{"type":"Sequence","\#(list)":["#, count: count)
        + String(repeating: "]}", count: count)
    }
    return [
      // Added tokens: strips that overlap, ids that do not fit, contents that are nothing, space or huge.
      added(token("3", "<x>", both), token("4", " ", both), token("5", "  ", both)),
      added(
        token("3", " <x>", both + #","single_word":true"#), token("4", "<x> ", both),
        token("5", ">", both)),
      added(token("3", "\\n", #""rstrip":true"#), token("4", "\\n\\n", #""lstrip":true"#)),
      added(
        token("3", "a b", #""single_word":true,"normalized":true"#), token("4", "B", #""normalized":true"#)),
      added(token("9223372036854775807", "z")), added(token("-1", "z")), added(token("4194304", "z")),
      added(token("4194303", "z")), added(token("0", "z")), added(token("3", "z"), token("3", "y")),
      added(token("3", "z"), token("4", "z", both)), added(token("1e3", "z")), added(token("3", "")),
      added(token("3", String(repeating: "z", count: 5_000))), added(token("3", "\\u0000")),
      added(token("3", "a", #""special":true"#), token("4", "a", #""special":false"#)),
      // Post-processors: tokens that nobody has, numbers that nobody can have.
      #""post_processor":{"type":"BertProcessing","cls":["x",9223372036854775807],"sep":["y",-9223372036854775808]}"#,
      #""post_processor":{"type":"BertProcessing","cls":["x"],"sep":[]}"#,
      #""post_processor":{"type":"RobertaProcessing","cls":["x",1.5],"sep":["y",1e30]}"#,
      #""post_processor":{"type":"TemplateProcessing","single":[{"SpecialToken":{"id":"no"}}],"special_tokens":{}}"#,
      #""post_processor":{"type":"TemplateProcessing","single":[],"special_tokens":{}}"#,
      #""post_processor":{"type":"TemplateProcessing","single":[{"Sequence":{}},{"Sequence":{}}]}"#,
      #""post_processor":{"type":"TemplateProcessing","single":"$A","pair":"$B"}"#,
      #""post_processor":"# + nested(60, "processors"),
      #""post_processor":"# + nested(10_000, "processors"),
      // Truncation and padding, which this library leaves to its callers.
      #""truncation":{"max_length":-1,"stride":18446744073709551615,"strategy":"x","direction":"Up"}"#,
      #""padding":{"strategy":{"Fixed":9223372036854775807},"pad_id":-1,"pad_to_multiple_of":0,"pad_token":1}"#,
      // Normalizers.
      #""normalizer":"# + nested(60, "normalizers"), #""normalizer":"# + nested(10_000, "normalizers"),
      #""normalizer":{"type":"Prepend","prepend":""}"#,
      #""normalizer":{"type":"Prepend","prepend":"\#(String(repeating: "p", count: 100_000))"}"#,
      #""normalizer":{"type":"Replace","pattern":{"String":""},"content":""}"#,
      #""normalizer":{"type":"Replace","pattern":{"String":"é"},"content":""}"#,
      #""normalizer":{"type":"Replace","pattern":{},"content":"x"}"#,
      #""normalizer":{"type":"Replace","pattern":{"Regex":"(?=é)|$"},"content":"\u0000"}"#,
      #""normalizer":{"type":"Precompiled","precompiled_charsmap":"////////"}"#,
      #""normalizer":{"type":"Precompiled","precompiled_charsmap":"AAQAAA=="}"#,
      #""normalizer":{"type":"Precompiled","precompiled_charsmap":"\#(base64(liar))"}"#,
      // Pre-tokenizers.
      #""pre_tokenizer":"# + nested(60, "pretokenizers"),
      #""pre_tokenizer":"# + nested(10_000, "pretokenizers"),
      #""pre_tokenizer":{"type":"FixedLength","length":9223372036854775807}"#,
      #""pre_tokenizer":{"type":"FixedLength","length":0}"#,
      #""pre_tokenizer":{"type":"FixedLength","length":-9223372036854775808}"#,
      #""pre_tokenizer":{"type":"CharDelimiterSplit","delimiter":""}"#,
      #""pre_tokenizer":{"type":"Metaspace","replacement":"","prepend_scheme":"always"}"#,
      #""pre_tokenizer":{"type":"Metaspace","replacement":"ab","prepend_scheme":"first","split":true}"#,
      #""pre_tokenizer":{"type":"Punctuation","behavior":"Contiguous"}"#,
      pre(split("", "Removed")), pre(split("|a", "MergedWithNext")),
      pre(split("$|^", "MergedWithPrevious")), pre(split("(?!)", "Contiguous")),
      pre(split("(?<=é)", "Isolated")), pre(split("\\\\b", "Removed")),
      #""pre_tokenizer":{"type":"Split","pattern":{"String":""},"behavior":"Removed","invert":true}"#,
      pre(split("a{0}")), pre(split("(?>a{0,0}b?)")),
      pre(split("(a{1024}){1024}")), pre(split("[\\\\x{10FFFF}-\\\\x{10FFFF}]")),
      pre(split("\\\\x{FFFFFFFFFFFFFFFFF}")), pre(split("\\\\777\\\\0\\\\09")),
      pre(split("(?i)" + String(repeating: "sß", count: 2_000))),
      // Decoders.
      #""decoder":"# + nested(60, "decoders"), #""decoder":"# + nested(10_000, "decoders"),
      #""decoder":{"type":"Strip","content":"a","start":9223372036854775807,"stop":1}"#,
      #""decoder":{"type":"Strip","content":"a","start":-1,"stop":0}"#,
      #""decoder":{"type":"Strip","content":"","start":1024,"stop":1024}"#,
      #""decoder":{"type":"Sequence","decoders":[{"type":"Fuse"},{"type":"Strip","content":"ab","start":9,"stop":9}]}"#,
      #""decoder":{"type":"CTC","pad_token":"","word_delimiter_token":"","cleanup":true}"#,
      #""decoder":{"type":"WordPiece","prefix":"","cleanup":true}"#,
      #""decoder":{"type":"BPEDecoder","suffix":""}"#,
      #""decoder":{"type":"Metaspace","replacement":"","prepend_scheme":"always"}"#,
      #""decoder":{"type":"Replace","pattern":{"String":""},"content":"x"}"#,
    ].map(file)
  }()

  /// Whole files, whose models are wrong, odd or extreme.
  static let models: [String] = {
    let bytes = (0..<255).map {
      #""<0x\#($0 < 16 ? "0" : "")\#(String($0, radix: 16, uppercase: true))>":\#($0)"#
    }
    return [
      #####"{"type":"WordPiece","vocab":{"a":0,"##a":1,"u":2},"unk_token":"u","max_input_chars_per_word":0}"#####,
      #####"{"type":"WordPiece","vocab":{"a":0,"##a":1,"u":2},"unk_token":"u","max_input_chars_per_word":-9223372036854775808}"#####,
      #####"{"type":"WordPiece","vocab":{"a":0,"##a":1,"u":2},"unk_token":"u","max_input_chars_per_word":9223372036854775807}"#####,
      #"{"type":"WordPiece","vocab":{"a":0,"u":2},"unk_token":"u","continuing_subword_prefix":""}"#,
      #"{"type":"WordPiece","vocab":{"a":0},"unk_token":"missing"}"#,
      #"{"type":"WordPiece","vocab":{"":0,"u":1},"unk_token":""}"#,
      #"{"type":"Unigram","vocab":[["a",0]],"unk_id":1}"#,
      #"{"type":"Unigram","vocab":[["a",0]],"unk_id":-1}"#,
      #"{"type":"Unigram","vocab":[["a",0]],"unk_id":9223372036854775807}"#,
      #"{"type":"Unigram","vocab":[["a",1e308],["b",1e308],["ab",-1e308],["",0]],"unk_id":3}"#,
      #"{"type":"Unigram","vocab":[["a",1e999]],"unk_id":0}"#,
      #"{"type":"Unigram","vocab":[["a",NaN]],"unk_id":0}"#,
      #"{"type":"Unigram","vocab":[["a",0],["a",-1],["a",-2]],"unk_id":1,"byte_fallback":true}"#,
      #"{"type":"Unigram","vocab":[],"unk_id":0}"#,
      #"{"type":"Unigram","vocab":[["é",-1.5]],"byte_fallback":true}"#,
      #"{"type":"BPE","vocab":{"a":0,"b":1},"merges":["a b"]}"#,
      #"{"type":"BPE","vocab":{"a":0},"merges":[""]}"#,
      #"{"type":"BPE","vocab":{"a":0,"aa":1},"merges":["a a","a a"],"unk_token":"b","fuse_unk":true}"#,
      #"{"type":"BPE","vocab":{"a":0,"":1},"merges":[["a",""],["","a"]]}"#,
      #"{"type":"BPE","vocab":{"a":0},"merges":[["a"]]}"#, #"{"type":"BPE","vocab":{"a":0},"merges":[[]]}"#,
      #####"{"type":"BPE","vocab":{"a":0,"##a":1,"aa":2},"merges":["a ##a"],"continuing_subword_prefix":"####"}"#####,
      #"{"type":"BPE","vocab":{"a":0},"merges":[],"end_of_word_suffix":"\#(String(repeating: "s", count: 2_000))"}"#,
      #"{"type":"BPE","vocab":{"a":0},"merges":[],"dropout":1.5}"#,
      #"{"type":"BPE","vocab":{\#(bytes.joined(separator: ","))},"merges":[],"byte_fallback":true}"#,
      #"{"type":"BPE","vocab":{"<0x61>":0,"x":1},"merges":[],"byte_fallback":true,"unk_token":"x","fuse_unk":true}"#,
      #"{"type":"BPE","vocab":{"<0x61>":0,"x":1},"merges":[],"byte_fallback":true,"continuing_subword_prefix":"a","end_of_word_suffix":"a","unk_token":"x"}"#,
      #"{"type":"WordLevel","vocab":{"a":4194303},"unk_token":"a"}"#, #"{"type":"WordLevel","vocab":{}}"#,
      #"{"type":"WordLevel","vocab":{"a":0,"b":-0},"unk_token":"a"}"#,
    ].map { #"{"model":\#($0)}"# }
  }()

  /// A map whose trie points outside its units, and whose values point outside its strings.
  private static let liar: [UInt8] = {
    var blob: [UInt8] = [0, 4, 0, 0]
    for unit in 0..<256 {
      let label = UInt32(unit ^ 0x40) & 0xFF
      let word = label | 0x100 | (unit % 3 == 0 ? 0x200 : 0) | UInt32(unit * 16_381) << 10
      blob += (0..<4).map { UInt8(truncatingIfNeeded: word >> UInt32($0 * 8)) }
    }
    return blob + [1, 2, 3]
  }()

  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let part = Array(bytes[start..<min(start + 3, bytes.count)]) + [0, 0]
      let bits = UInt32(part[0]) << 16 | UInt32(part[1]) << 8 | UInt32(part[2])
      let digits = (0..<4).map { alphabet[Int(bits >> UInt32(18 - $0 * 6)) & 63] }
      let kept = min(4, bytes.count - start + 1)
      result += digits.prefix(kept) + [UInt8](repeating: UInt8(ascii: "="), count: 4 - kept)
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static let texts: [[UInt8]] =
    [
      "", " ", "   ", "a", "é", " a  b ", "<x> <x>  > ", "\n\n \n", "aab\u{0} z 日 \u{10FFFF}", "ß sS ẞ",
      String(repeating: "a ", count: 300),
    ].map { Array($0.utf8) } + [[0xFF, 0x80, 0x20, 0xE2, 0x96], [0xF4, 0x90, 0x80, 0x80, 0x61]]

  @Test("there are more than a hundred files, all of them different")
  func count() {
    #expect(Set(Self.odd + Self.models).count == Self.odd.count + Self.models.count)
    #expect(Self.odd.count + Self.models.count > 100)
  }

  @Test("each is refused in one line or works", .timeLimit(.minutes(60)), arguments: (odd + models).indices)
  func each(index: Int) {
    let json = (Self.odd + Self.models)[index]
    do throws(TokenizerError) {
      let tokenizer = try TokenizerFile.make(from: Array(json.utf8))
      for text in Self.texts {
        for special in [SpecialParsing.all, .none, .within([0..<(text.count / 2)])] {
          Self.check(tokenizer, text, special)
        }
      }
    } catch {
      #expect(!error.description.contains("\n"))
    }
  }

  private static func check(_ tokenizer: any Tokenizer, _ text: [UInt8], _ special: SpecialParsing) {
    for continuesText in [false, true] {
      guard let tokens = try? tokenizer.encode(text, special: special, continuesText: continuesText) else {
        continue
      }
      #expect(tokens.allSatisfy { (0..<tokenizer.vocabularySize).contains($0.id.index) })
      #expect(tokens.allSatisfy { $0.range.lowerBound >= 0 && $0.range.upperBound <= text.count })
      #expect(zip(tokens, tokens.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
      _ = tokenizer.decode(tokens.map(\.id), skipSpecial: false, continuesText: continuesText)
    }
    let edges: [Int32] = [-1, 0, .max, .min, Int32(tokenizer.vocabularySize)]
    _ = tokenizer.decode(edges.map { TokenID(rawValue: $0) })
    for id in edges {
      _ = (tokenizer.bytes(of: TokenID(rawValue: id)), tokenizer.piece(TokenID(rawValue: id)))
      #expect(id == 0 || tokenizer.kind(of: TokenID(rawValue: id)) == .unused)
    }
  }
}
