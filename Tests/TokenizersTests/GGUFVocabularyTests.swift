import JSON
import ModelFormats
import TestSupport
import Testing
import Tokens

@testable import Tokenizers

@Suite("Tokenizers of checkpoints as vocabularies of GGUF files")
struct GGUFVocabularyTests {
  /// A folder's own tokenizer, what GGUF has of it, and the tokenizer that is made of that.
  private struct Converted {
    let own: any Tokenizer
    let vocabulary: GGUFVocabulary
    let metadata: Metadata
    let new: any Tokenizer

    init(_ files: [String: [UInt8]], ends: [Int64] = [], extraRows: Int = 3) throws {
      var model = Metadata()
      if !ends.isEmpty { model.set("tokenizer.end_token_ids", .ints(ends)) }
      (own, vocabulary) = try TokenizerFolderTests.withFolder(files) { [model] path in
        let folder = TokenizerFolder(path: path)
        let own = try folder.open()
        return (own, try GGUFVocabulary(of: folder, model, rows: own.vocabularySize + extraRows))
      }
      vocabulary.write(to: &model)
      metadata = model
      new = try TokenizerFactory.make(from: model)
    }

    /// Texts that get other ids than from the folder.
    func differences(_ texts: some Sequence<[UInt8]>) -> Int {
      texts.count { text in
        (try? own.encode(text, special: .all).map(\.id)) != (try? new.encode(text, special: .all).map(\.id))
      }
    }
  }

  private static func exported(_ name: String) throws -> [String: [UInt8]] {
    let path = "vocab/\(try #require(ExportTests.files[name])).gguf.xz"
    let export = try TokenizerExport(try Fixtures.metadata(path))
    return ["tokenizer.json": export.tokenizer, "tokenizer_config.json": export.config]
  }

  @Test(
    "a tokenizer.json gives a vocabulary with the same ids for a thousand texts in ten scripts",
    arguments: ExportTests.files.keys.sorted())
  func json(name: String) throws {
    let converted = try Converted(try Self.exported(name))
    let (own, new) = (converted.own, converted.new)
    #expect(converted.vocabulary.notes.isEmpty, "\(converted.vocabulary.notes)")
    #expect(converted.differences(try Fixtures.corpus.get()) == 0)
    #expect(new.vocabularySize == own.vocabularySize + 3)
    #expect(new.kind(of: TokenID(own.vocabularySize)) == .unused)
    #expect(
      new.prefix == own.prefix && new.suffix == own.suffix && new.endOfGeneration == own.endOfGeneration)
    #expect(new.beginningOfSequence == own.beginningOfSequence && new.endOfSequence == own.endOfSequence)
    #expect(new.unknown == own.unknown || own.unknown == nil)
    for id in 0..<own.vocabularySize where own.kind(of: TokenID(id)) != .unused {
      #expect(new.piece(TokenID(id)) == own.piece(TokenID(id)))
    }
  }

  @Test("the vocabulary of the file that was exported comes back: pieces, kinds, merges, roles")
  func roundTrip() throws {
    for name in ["smollm2", "llama-bpe", "mistral"] {
      let path = "vocab/\(try #require(ExportTests.files[name])).gguf.xz"
      let before = try Fixtures.metadata(path)
      let after = try Converted(try Self.exported(name), extraRows: 0).metadata
      for key in [
        MetadataKey.model, MetadataKey.tokens, MetadataKey.merges, MetadataKey.beginning, MetadataKey.end,
        MetadataKey.padding,
      ] {
        #expect(after[key] == before[key] || before[key] == nil, "\(name): \(key)")
      }
    }
  }

  @Test("a tokenizer.model keeps its scores and kinds, with the tokens that are added to it")
  func sentencePiece() throws {
    let model = try Fixtures.bytes("llama/tokenizer.model")
    func config(legacy: Bool) -> [UInt8] {
      Array(
        #"{"tokenizer_class":"LlamaTokenizer","legacy":\#(legacy),"bos_token":"<s>","eos_token":"<|im_end|>","added_tokens_decoder":{"400":{"content":"<|im_end|>","special":true},"401":{"content":"<|im_start|>"}}}"#
          .utf8)
    }
    let legacy = try Converted(["tokenizer.model": model, "tokenizer_config.json": config(legacy: true)])
    #expect(legacy.vocabulary.notes.isEmpty, "\(legacy.vocabulary.notes)")
    #expect(legacy.differences(try Fixtures.corpus.get()) == 0)
    #expect(legacy.metadata.string(MetadataKey.model) == "llama")
    #expect(legacy.metadata.bool(MetadataKey.addBeginning) == true)
    #expect(legacy.metadata.integer(MetadataKey.end) == 400)
    #expect(legacy.new.kind(of: 401) == .userDefined && legacy.new.kind(of: 0) == .unknown)
    let scores = try #require(legacy.metadata.floats(MetadataKey.scores))
    let file = try model.withUnsafeBufferPointer { try SentencePieceFile($0) }
    #expect(Array(scores[..<400]) == file.scores)
    // A space is put behind each special token in GGUF, which this file's tokenizer does not do.
    let newer = try Converted(["tokenizer.model": model, "tokenizer_config.json": config(legacy: false)])
    #expect(newer.vocabulary.notes.count == 1)
    #expect(newer.vocabulary.notes.first?.contains("get other tokens than from tokenizer.model") == true)
  }

  /// Small tokenizers of every combination of components.
  static let recorded = RecordedTokenizerTests.names

  @Test("any tokenizer is refused by its file's name, or gives the same ids, or says that it does not")
  func all() throws {
    var (converted, noted, refused) = (0, 0, 0)
    for name in Self.recorded {
      let file = name.hasSuffix(".model") ? "tokenizer.model" : "tokenizer.json"
      let bytes = try Fixtures.unpacked("files/\(name).xz")
      do {
        let one = try Converted([file: bytes])
        let texts = try Fixtures.corpus.get().prefix(Effort.scaled(1_000, debug: 100))
        if one.vocabulary.notes.isEmpty {
          #expect(one.differences(texts) == 0, "\(name)")
          converted += 1
        } else {
          noted += 1
        }
      } catch let error as TokenizerError {
        #expect(error.description.contains("/\(file): its "), "\(name): \(error)")
        refused += 1
      }
    }
    #expect(converted >= 4 && noted >= 4 && refused >= 20, "\(converted) \(noted) \(refused)")
  }

  @Test("the rule that splits alike is found by its patterns, or by what it cuts")
  func rules() throws {
    for (name, rule) in ["gpt-2": "gpt-2", "llama-bpe": "llama3", "smollm2": "smollm"] {
      #expect(try Converted(try Self.exported(name)).metadata.string(MetadataKey.pre) == rule)
    }
    // The pattern of Llama 3 with a group that changes nothing, as a pattern whose gaps are removed.
    let other = #"(?:"# + SplittingRules.words(digits: #"\p{N}{1,3}"#) + ")"
    let pattern = other.replacing(#"\"#, with: #"\\"#)
    let split =
      #"{"type":"Split","pattern":{"Regex":"\#(pattern)"},"behavior":"Removed","invert":true}"#
    let bytes = #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"#
    let source = try Self.source(
      #""pre_tokenizer":{"type":"Sequence","pretokenizers":[\#(split),\#(bytes)]}"#)
    #expect(source.rule == "dbrx" && source.family == .gpt2)
  }

  private static func source(_ part: String, model: String = "") throws -> VocabularySource {
    let json =
      #"{\#(part)\#(part.isEmpty ? "" : ",")"model":{"type":"BPE","vocab":{"a":0},"merges":[]\#(model)}}"#
    return try VocabularySource(try JSONDocument.read(Array(json.utf8)).root, path: "/m/tokenizer.json")
  }

  @Test("what GGUF has no name for is refused by its name")
  func refusals() throws {
    let pattern = #"{"type":"Split","pattern":{"Regex":"x+"},"behavior":"Isolated","invert":false}"#
    let bytes = #"{"type":"ByteLevel","add_prefix_space":false,"use_regex":false}"#
    let cases = [
      (
        #""pre_tokenizer":{"type":"Sequence","pretokenizers":[\#(pattern),\#(bytes)]}"#,
        "pre_tokenizer is 'x+'"
      ),
      (#""pre_tokenizer":{"type":"ByteLevel","add_prefix_space":true}"#, "pre_tokenizer is 'ByteLevel'"),
      (#""pre_tokenizer":\#(bytes),"normalizer":{"type":"Lowercase"}"#, "normalizer is 'Lowercase'"),
      (#""normalizer":{"type":"Lowercase"}"#, "normalizer is 'Lowercase'"),
      (#""normalizer":{"type":"Prepend","prepend":"_"}"#, "normalizer is 'Prepend'"),
      (#""normalizer":{"type":"Replace","pattern":{"String":"x"},"content":"y"}"#, "normalizer is 'Replace'"),
      (#""pre_tokenizer":{"type":"Whitespace"}"#, "pre_tokenizer is 'Whitespace'"),
      (#""pre_tokenizer":{"type":"Metaspace","replacement":"_"}"#, "pre_tokenizer is 'Metaspace'"),
      ("", "pre_tokenizer is 'none'"),
    ]
    for (part, name) in cases {
      let error = #expect(throws: TokenizerError.self) { _ = try Self.source(part) }
      let text = "/m/tokenizer.json: its \(name), which cannot be written as a vocabulary of GGUF"
      #expect(error?.description == "tokenizer: " + text)
    }
    let affix = #expect(throws: TokenizerError.self) {
      _ = try Self.source("", model: #","end_of_word_suffix":"</w>""#)
    }
    #expect(affix?.description.contains("end_of_word_suffix is '</w>'") == true)
    let unigram = Array(#"{"model":{"type":"Unigram","vocab":[]}}"#.utf8)
    #expect {
      _ = try VocabularySource(try JSONDocument.read(unigram).root, path: "p")
    } throws: { "\($0)".contains("its model is 'Unigram'") }
  }

  @Test("a vocabulary that is larger than the embedding is refused")
  func tooLarge() throws {
    #expect {
      _ = try Converted(try Self.exported("mistral"), extraRows: -1)
    } throws: {
      "\($0)".contains("tokenizer.json: it has 32000 tokens") && "\($0)".contains("only 31999 rows")
    }
  }

  @Test("tokens at which the configuration ends an answer do so in GGUF, as far as it has room")
  func ends() throws {
    let files = ["tokenizer.json": Array(TinyCheckpoint.tokenizer.utf8)]
    let two = try Converted(files, ends: [2, 30, 40])
    #expect(two.vocabulary.notes.isEmpty, "\(two.vocabulary.notes)")
    #expect(two.metadata.integer("tokenizer.ggml.eot_token_id") == 30)
    #expect(two.metadata.integer("tokenizer.ggml.eom_token_id") == 40)
    #expect(two.new.endOfGeneration == [2, 30, 40])
    let more = try Converted(files, ends: [30, 40, 50])
    #expect(more.vocabulary.notes.count == 1 && more.vocabulary.notes[0].contains("in llama.cpp"))
    #expect(more.metadata.integers("tokenizer.end_token_ids") == [30, 40, 50])
  }

  @Test("rows without a piece get a name that no piece has")
  func padding() throws {
    let json =
      #"{"added_tokens":[{"id":2,"content":"[PAD2]","special":true,"normalized":false}],"#
      + #""normalizer":{"type":"Replace","pattern":{"String":" "},"content":"▁"},"#
      + #""model":{"type":"BPE","vocab":{"a":0,"[PAD2]":1},"merges":[]}}"#
    let converted = try Converted(["tokenizer.json": Array(json.utf8)], extraRows: 2)
    let pieces = converted.metadata.strings(MetadataKey.tokens)?.map { String(decoding: $0, as: UTF8.self) }
    #expect(pieces == ["a", "[PAD2]", "[[PAD2]]", "[PAD3]"])
    #expect(converted.vocabulary.notes.contains { $0.contains("lacks tokens of bytes") })
  }

  @Test("a changed file is refused, or gives a vocabulary that can be read", .timeLimit(.minutes(60)))
  func mutations() throws {
    let llama = TinyCheckpoint.tokenizer
    let bytes = String(decoding: TokenizerFolderTests.json(template: true), as: UTF8.self)
      .replacing(#""use_regex":false"#, with: #""use_regex":true"#)
    let pieces = [
      "{", "}", "[", "]", ",", "null", "true", "false", "-1", "\"a b\"", "[\"a\",\"b\"]", "▁", "é", "<0x41>",
      #""byte_fallback":false"#, #""ignore_merges":true"#, #""type":"Metaspace""#, #""type":"ByteLevel""#,
      #""type":"Digits""#, #""individual_digits":true"#, #""prepend_scheme":"never""#, #""merges":[]"#,
    ]
    let texts = TextMutator([llama, bytes], pieces: pieces, seed: 2_026)
    let binary = ByteMutator([try Fixtures.bytes("llama/tokenizer.model")], seed: 2_026)
    let files: [(name: String, mutation: (Int) -> [UInt8])] = [
      ("tokenizer.json", texts.mutation), ("tokenizer.model", binary.mutation),
    ]
    for file in files {
      var converted = 0
      let count = Mutations.count(200)
      for index in 0..<count {
        do {
          let one = try Converted([file.name: file.mutation(index)])
          _ = try? one.new.encode("Hello, wörld! <s>", special: .all)
          converted += 1
        } catch let error as TokenizerError {
          #expect(!error.description.contains("\n"), "\(file.name) \(index)")
        }
      }
      #expect(converted > 0 && converted < count, "\(file.name): \(converted) of \(count)")
    }
  }
}
