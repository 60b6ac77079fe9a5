import Glibc
import Testing
import Tokens

@testable import Tokenizers

/// Folders with files beside the `tokenizer.json`, against transformers 4.57.
struct TokenizerFolderTests {
  /// Runs `body` with a folder that holds `files`.
  @discardableResult
  static func withFolder<T>(_ files: [String: [UInt8]], _ body: (String) throws -> T) throws -> T {
    var template = Array("/tmp/workbench-tokenizer-folder-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { throw Fixtures.Failure(message: "cannot make a folder") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      for name in files.keys { unlink("\(path)/\(name)") }
      rmdir(path)
    }
    for (name, bytes) in files { try Fixtures.write(bytes, to: "\(path)/\(name)") }
    return try body(path)
  }

  /// A byte-level vocabulary without merges, in which "<s>" is 256 and "</s>" 257.
  static func json(template: Bool = false) -> [UInt8] {
    let vocabulary = (0...255).map { byte -> String in
      let spelling = String(decoding: ByteAlphabet.spelling(of: [UInt8(byte)]), as: UTF8.self)
      return "\(spelling == "\"" || spelling == "\\" ? "\"\\\(spelling)\"" : "\"\(spelling)\""):\(byte)"
    }.joined(separator: ",")
    let added = ["<s>", "</s>"].enumerated().map {
      #"{"id":\#($0.offset + 256),"content":"\#($0.element)","special":true,"normalized":false}"#
    }.joined(separator: ",")
    let post =
      template ? #""post_processor":{"type":"RobertaProcessing","cls":["<s>",256],"sep":["</s>",257]},"# : ""
    let bytes = #""pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":false},"#
    let model = #""model":{"type":"BPE","vocab":{\#(vocabulary)},"merges":[]}"#
    return Array(
      #"{"added_tokens":[\#(added)],\#(post)\#(bytes)"decoder":{"type":"ByteLevel"},\#(model)}"#.utf8)
  }

  static func opened(
    _ config: String, template: Bool = false, map: String? = nil
  ) throws -> any Tokenizer {
    var files = ["tokenizer.json": json(template: template), "tokenizer_config.json": Array(config.utf8)]
    if let map { files["special_tokens_map.json"] = Array(map.utf8) }
    return try withFolder(files) { try TokenizerFile.open(path: $0) }
  }

  private static let names = #""bos_token":"<s>","eos_token":"</s>""#

  @Test("add_bos_token and add_eos_token count for Llama's class and its kin alone")
  func surroundings() throws {
    let both = #"{\#(Self.names),"add_bos_token":true,"add_eos_token":true,"tokenizer_class":"#
    #expect(try Self.opened(both + #""LlamaTokenizerFast"}"#).ids(of: "a") == [256, 97, 257])
    #expect(try Self.opened(both + #""PreTrainedTokenizerFast"}"#).ids(of: "a") == [97])
    let llama = #"{\#(Self.names),"tokenizer_class":"LlamaTokenizer"}"#
    #expect(try Self.opened(llama, template: true).ids(of: "a") == [256, 97])
    let off = #"{\#(Self.names),"tokenizer_class":"GemmaTokenizer","add_bos_token":false}"#
    #expect(try Self.opened(off, template: true).ids(of: "a") == [97])
    #expect(try Self.opened("{}", template: true).ids(of: "a") == [256, 97, 257])
  }

  @Test("named tokens get their roles, from either file, and places if they had none")
  func roles() throws {
    let one = try Self.opened(
      #"{"eos_token":{"content":"the"},"pad_token":"[PAD]"}"#, map: #"{"bos_token":"<s>"}"#)
    #expect(one.endOfSequence == 258 && one.padding == 259 && one.beginningOfSequence == 256)
    #expect(one.endOfGeneration.contains(258))
    #expect(try one.encode("athe", special: .all).map(\.id) == [97, 258])
    #expect(one.decode([97, 258]) == Array("a".utf8))
  }

  @Test("added_tokens_decoder adds tokens and changes the flags of others")
  func added() throws {
    let config =
      #"{"added_tokens_decoder":{"900":{"content":"hi","special":false},"#
      + #""256":{"content":"<s>","special":true,"lstrip":true,"rstrip":true}}}"#
    let tokenizer = try Self.opened(config)
    #expect(try tokenizer.encode("hi <s> a", special: .all).map(\.id) == [258, 256, 97])
  }

  @Test(
    "what is wrong with a file beside is said with its name",
    arguments: ["[", #"{"bos_token":1}"#, #"{"added_tokens_decoder":{"x":{"content":"a"}}}"#])
  func wrong(config: String) {
    #expect {
      _ = try Self.opened(config)
    } throws: { error in
      if case .malformed("tokenizer_config.json", _, _)? = error as? TokenizerError { true } else { false }
    }
  }

  @Test("a file of no known format is named by its path")
  func unknown() throws {
    try Self.withFolder(["x.bin": Array("hello".utf8)]) { folder in
      #expect {
        _ = try TokenizerFile.open(path: folder + "/x.bin")
      } throws: { error in
        guard case .file(let path, let reason)? = error as? TokenizerError else { return false }
        return path == folder + "/x.bin" && reason.contains("tokenizer.json")
      }
    }
  }
}
