import JSON
import ModelFormats

/// Opens the tokenizer of a file or folder in any supported format.
public enum TokenizerFile {
  /// The formats, for errors.
  private static let formats = [
    "tokenizer.json", "tokenizer.model", "GGUF file or a folder with one of the first two",
  ]

  /// The tokenizer at `path`: a `tokenizer.json`, a `tokenizer.model`, a GGUF file or a folder with one of the first two.
  ///
  /// The content decides, not the name. In a folder `tokenizer_config.json` and the files like it amend the vocabulary as
  /// they do for Hugging Face's transformers.
  public static func open(path: String) throws(TokenizerError) -> any Tokenizer {
    if FileBytes.isFolder(path) { return try TokenizerFolder(path: path).open() }
    if try isGGUF(path) { return try openGGUF(path) }
    let bytes = try FileBytes.read(path)
    do throws(TokenizerError) {
      return try make(from: bytes)
    } catch .unsupported("file format", let name, let known) {
      throw .file(
        path: path, reason: "not a tokenizer (\(name)); give a \(known.joined(separator: ", "))")
    }
  }

  /// The tokenizer of the bytes of a `tokenizer.json` or a `tokenizer.model`.
  public static func make(from bytes: [UInt8]) throws(TokenizerError) -> any Tokenizer {
    switch Kind(bytes) {
    case .empty: throw .malformed(format: "tokenizer file", offset: 0, reason: "the file is empty")
    case .json: return try PipelineTokenizer(json: bytes)
    case .tiktoken:
      throw .unsupported(
        what: "file format", name: "it looks like tiktoken ranks, which lack a splitting rule",
        known: Self.formats)
    case .other(let name):
      throw .unsupported(
        what: "file format", name: name, known: Self.formats)
    case .sentencePiece:
      return try bytes.withUnsafeBufferPointer { (buffer) throws(TokenizerError) in
        try NormalizingTokenizer(try SentencePieceFile(buffer))
      }
    }
  }

  private static func isGGUF(_ path: String) throws(TokenizerError) -> Bool {
    let head = try FileBytes.head(path, count: 4)
    return head.elementsEqual("GGUF".utf8)
  }

  private static func openGGUF(_ path: String) throws(TokenizerError) -> any Tokenizer {
    let file: ModelFile
    do throws(ModelFormatError) {
      file = try ModelFile.open(path: path)
    } catch {
      throw .file(path: path, reason: "\(error)")
    }
    return try TokenizerFactory.make(from: file)
  }

  /// The format of a file, by its first bytes.
  private enum Kind {
    case empty
    case json
    case sentencePiece
    case tiktoken
    case other(String)

    init(_ bytes: [UInt8]) {
      let head = bytes.prefix(256)
      let first = head.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
      let isBase64 = { (byte: UInt8) in
        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
          || byte == 0x2B || byte == 0x2F || byte == 0x3D
      }
      if bytes.isEmpty {
        self = .empty
      } else if head.starts(with: [0xEF, 0xBB, 0xBF]) {
        self = .json
      } else if head.starts(with: "version https://git-lfs".utf8) {
        self = .other("it looks like a Git LFS pointer; download the file itself")
      } else if head.starts(with: "PK".utf8) {
        self = .other("it looks like a zip archive")
      } else if bytes[0] == 0x0A, bytes.count < 2 || bytes[1] != 0x0A {
        // Field 1 of a ModelProto, a piece, is always first.
        self = .sentencePiece
      } else if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") {
        self = .json
      } else if let space = head.firstIndex(of: 0x20), space > 1, head[..<space].allSatisfy(isBase64),
        head.dropFirst(space + 1).first.map({ (0x30...0x39).contains($0) }) == true
      {
        self = .tiktoken
      } else {
        self = .other("its content is unknown")
      }
    }
  }
}
