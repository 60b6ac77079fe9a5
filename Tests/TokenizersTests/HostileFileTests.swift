import Testing
import Tokens

@testable import Tokenizers

/// Files that are wrong: a typed error that says where, or a tokenizer that works; never a trap, never long.
struct HostileFileTests {
  func refuses(_ json: String, _ matches: (TokenizerError) -> Bool) {
    #expect {
      _ = try TokenizerFile.make(from: Array(json.utf8))
    } throws: { error in
      guard let error = error as? TokenizerError else { return false }
      return matches(error) && !error.description.contains("\n")
    }
  }

  static func model(_ model: String, _ rest: String = "") -> String {
    "{\(rest)\"model\":\(model)}"
  }

  @Test("nesting without end is refused at the limit", arguments: ["[", "{\"a\":", "[{\"a\":"])
  func nesting(unit: String) {
    refuses(String(repeating: unit, count: 1_000_000)) {
      $0 == .limit(name: "jsonDepth", found: Limits.jsonDepth + 1, maximum: Limits.jsonDepth)
    }
  }

  @Test(
    "JSON that is none is refused with its place",
    arguments: [
      ("{", 1), ("{\"a\"", 4), ("{\"a\":1,}", 7), ("{\"a\":01}", 6), ("{\"a\":tru}", 5), ("{} x", 3),
      ("{\"a\":\"\\x\"}", 6), ("{\"a\":\"\\ud800\"}", 6), ("{\"a\":\"\u{1}\"}", 6), ("{\"a\":-}", 6),
    ])
  func syntax(json: String, offset: Int) {
    refuses(json) {
      guard case .malformed("JSON", offset, _) = $0 else { return false }
      return true
    }
  }

  @Test("a string that is not UTF-8 is refused")
  func notUTF8() {
    #expect(
      throws: TokenizerError.malformed(format: "JSON", offset: 2, reason: "a string is not UTF-8")
    ) {
      try TokenizerFile.make(from: Array("{\"".utf8) + [0xC3, 0x28] + Array("\":1}".utf8))
    }
  }

  @Test("ids out of range, twice or negative are refused")
  func ids() {
    refuses(Self.model(#"{"type":"BPE","vocab":{"a":2147483648},"merges":[]}"#)) {
      if case .limit("vocabularySize", _, _) = $0 { true } else { false }
    }
    refuses(Self.model(#"{"type":"BPE","vocab":{"a":9223372036854775807},"merges":[]}"#)) {
      if case .limit("vocabularySize", _, _) = $0 { true } else { false }
    }
    for vocabulary in [#"{"a":0,"b":0}"#, #"{"a":0,"a":1}"#, #"{"a":-1}"#, #"{"a":1.5}"#, #"{"a":1e99}"#] {
      refuses(Self.model(#"{"type":"BPE","vocab":\#(vocabulary),"merges":[]}"#)) {
        if case .malformed = $0 { true } else { false }
      }
    }
    refuses(
      Self.model(
        #"{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}"#,
        #""added_tokens":[{"id":-1,"content":"b"}],"#
      )
    ) { if case .malformed = $0 { true } else { false } }
    refuses(
      Self.model(
        #"{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}"#,
        #""post_processor":{"type":"BertProcessing","cls":["a",0],"sep":["b",7]},"#)
    ) { if case .invalid("post_processor", _, _) = $0 { true } else { false } }
  }

  @Test("a merge of pieces that are not there is refused by its number")
  func merges() {
    for merges in [#"["a b","a c"]"#, #"[["a","b"],["c","a"]]"#, #"["a b","b a"]"#] {
      refuses(Self.model(#"{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":\#(merges)}"#)) {
        if case .invalid("model.merges", 1, _) = $0 { true } else { false }
      }
    }
    refuses(Self.model(#"{"type":"BPE","vocab":{"a":0},"merges":["a"]}"#)) {
      if case .malformed = $0 { true } else { false }
    }
  }

  @Test("components that nobody knows are refused by name")
  func components() {
    let word = #"{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}"#
    for (key, name) in [
      ("normalizer", "Rot13"), ("pre_tokenizer", "Guess"), ("decoder", "Magic"), ("post_processor", "X"),
    ] {
      refuses(Self.model(word, "\"\(key)\":{\"type\":\"\(name)\"},")) {
        if case .unsupported(key, name, _) = $0 { true } else { false }
      }
    }
    refuses(Self.model(#"{"type":"Oracle","vocab":{}}"#)) {
      if case .unsupported("model", "Oracle", _) = $0 { true } else { false }
    }
  }

  @Test(
    "a pattern with what the engine lacks is refused with its place",
    arguments: [
      #"(a)\\1"#, #"(?<n>a)\\k<n>"#, #"\\X"#, #"\\G"#, #"a\\Kb"#, "(", "a{9999}", "(?~ab)", "(?>a+b?a)c",
      "[[:x:]]",
    ])
  func patterns(pattern: String) {
    let word = #"{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}"#
    let split = #""pre_tokenizer":{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"Isolated"},"#
    refuses(Self.model(word, split)) {
      switch $0 {
      case .pattern, .limit: true
      default: false
      }
    }
  }

  // What these tests guard against takes hours; their limits only end a test that hangs.
  @Test(
    "a pattern that makes others run for ever gives tokens for all of a text", .timeLimit(.minutes(60)),
    arguments: ["(a+)+$", "(a|aa)+$", "(a*)*b", "a+b|a", "(a|a)*c", ".*x|."], ["", "b", "x"])
  func patternTime(pattern: String, end: String) throws {
    let word = #"{"type":"WordLevel","vocab":{"a":0},"unk_token":"a"}"#
    let split = #""pre_tokenizer":{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"Isolated"},"#
    let tokenizer = try TokenizerFile.make(from: Array(Self.model(word, split).utf8))
    let text =
      [UInt8](repeating: UInt8(ascii: "a"), count: Effort.scaled(100_000, debug: 10_000)) + Array(end.utf8)
    let tokens = try tokenizer.encode(text)
    #expect(tokens.first?.range.lowerBound == 0 && tokens.last?.range.upperBound == text.count)
  }

  @Test("a length of a gigabyte in a tokenizer.model is refused where it is")
  func length() {
    #expect {
      try TokenizerFile.make(from: [0x0A, 0x80, 0x80, 0x80, 0x80, 0x04, 0x0A, 0x01])
    } throws: {
      if case .malformed("tokenizer.model", 1, _)? = $0 as? TokenizerError { true } else { false }
    }
  }

  @Test("files of other kinds are named")
  func kinds() {
    let files = [
      "", "PK\u{3}\u{4}", "version https://git-lfs.github.com/spec/v1\n", "IQ== 0\nIg== 1\n", "hello",
    ]
    for file in files {
      #expect(throws: TokenizerError.self) { try TokenizerFile.make(from: Array(file.utf8)) }
    }
    #expect(throws: TokenizerError.self) { try TokenizerFile.open(path: "/nowhere/at/all") }
    #expect(throws: TokenizerError.self) { try TokenizerFile.open(path: "/dev/zero") }
    #expect(throws: TokenizerError.self) { try TokenizerFile.open(path: Fixtures.folder) }
  }

  @Test(
    "a long line without spaces gives tokens in order for every family", .timeLimit(.minutes(60)),
    arguments: [
      "bl-plain.json", "sp-llama.json", "sp-meta-first.json", "uni-pre.json", "wp-uncased.json",
      "wl-space.json",
      "bl-clip.json", "uni-nmt.model", "bpe-nmt.model", "uni-nosplit.model", "bpe-user.model",
    ], ["a", "ab1", "日", "e\u{301}"])
  func longLines(name: String, unit: String) throws {
    let tokenizer = try TokenizerFile.make(from: try Fixtures.unpacked("files/\(name).xz"))
    let count = Effort.scaled(1_000_000, debug: 2_000) / unit.utf8.count
    let text = Array(String(repeating: unit, count: count).utf8)
    let tokens = try tokenizer.encode(text)
    #expect(!tokens.isEmpty && tokens.last.map { $0.range.upperBound } ?? 0 <= text.count)
    #expect(zip(tokens, tokens.dropFirst()).allSatisfy { $0.range.upperBound <= $1.range.lowerBound })
  }
}
