import Glibc
import ModelFormats
import Tokens

@testable import Tokenizers

/// The files beside the tests.
enum Fixtures {
  /// What is wrong with a fixture, for the log of a failing test.
  struct Failure: Error {
    var message: String
  }

  /// The folder of the fixtures.
  static let folder = #filePath.split(separator: "/").dropLast().reduce("") { $0 + "/" + $1 } + "/Fixtures"

  /// The bytes of a file.
  static func bytes(_ name: String) throws -> [UInt8] {
    let path = folder + "/" + name
    guard let file = fopen(path, "rb") else { throw Failure(message: "cannot open \(path)") }
    defer { fclose(file) }
    return try read(file, path)
  }

  /// The bytes of a file that is packed with xz.
  static func unpacked(_ name: String) throws -> [UInt8] {
    let path = folder + "/" + name
    guard let pipe = popen("xz -dc '\(path)'", "r") else { throw Failure(message: "cannot run xz") }
    let bytes = try read(pipe, path)
    guard pclose(pipe) == 0 else { throw Failure(message: "xz cannot unpack \(path)") }
    return bytes
  }

  private static func read(_ file: UnsafeMutablePointer<FILE>, _ path: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = fread(&chunk, 1, chunk.count, file)
      bytes.append(contentsOf: chunk[..<count])
      if count < chunk.count { break }
    }
    guard ferror(file) == 0, !bytes.isEmpty else { throw Failure(message: "cannot read \(path)") }
    return bytes
  }

  /// Writes a file anew.
  static func write(_ bytes: [UInt8], to path: String) throws {
    guard let file = fopen(path, "wb") else { throw Failure(message: "cannot write \(path)") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      throw Failure(message: "cannot write \(path)")
    }
  }

  /// The fields of each line of a file of `record_cases.py`.
  static func cases(_ name: String) throws -> [[String]] {
    let lines = try bytes("cases/\(name).txt").split(separator: UInt8(ascii: "\n"))
    return lines.map { line in
      line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false).map(unescaped)
    }
  }

  private static func unescaped(_ field: ArraySlice<UInt8>) -> String {
    let meanings: [UInt8: UInt8] = [
      UInt8(ascii: "t"): 9, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13,
      UInt8(ascii: "\\"): UInt8(ascii: "\\"),
    ]
    var result: [UInt8] = []
    var isEscaped = false
    for byte in field {
      if isEscaped {
        result.append(meanings[byte] ?? byte)
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = true
      } else {
        result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// The metadata of a packed GGUF file.
  static func metadata(_ name: String) throws -> Metadata {
    let bytes = try unpacked(name)
    var template = Array("/tmp/workbench-tokenizers-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else { throw Failure(message: "cannot make a temporary file") }
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      close(descriptor)
      unlink(path)
    }
    guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else {
      throw Failure(message: "cannot write")
    }
    return try ModelFile.open(path: path).metadata
  }

  /// The tokenizers of the packed vocabularies, each made once.
  static let gpt2 = Result { try TokenizerFactory.make(from: metadata("vocab/ggml-vocab-gpt-2.gguf.xz")) }
  static let llamaBPE = Result {
    try TokenizerFactory.make(from: metadata("vocab/ggml-vocab-llama-bpe.gguf.xz"))
  }
  static let llamaSPM = Result {
    try TokenizerFactory.make(from: metadata("vocab/ggml-vocab-llama-spm.gguf.xz"))
  }

  static let mistral = Result { try TokenizerFactory.make(from: metadata("vocab/mistral-v1.gguf.xz")) }
  static let smolLM2 = Result { try TokenizerFactory.make(from: metadata("vocab/smollm2.gguf.xz")) }

  /// The texts of `make_corpus.py`.
  static let corpus = Result {
    try unpacked("corpus.txt.xz").split(separator: 0x1E, omittingEmptySubsequences: false).dropLast().map {
      Array($0)
    }
  }

  /// The ids of a file with a line for each text of the corpus.
  static func ids(_ name: String) throws -> [[Int32]] {
    try unpacked(name).split(separator: 10, omittingEmptySubsequences: false).dropLast().map { line in
      line.split(separator: 32).compactMap { Int32(String(decoding: $0, as: UTF8.self)) }
    }
  }

  /// All of them by name.
  static func vocabulary(_ name: String) throws -> any Tokenizer {
    switch name {
    case "gpt-2": try gpt2.get()
    case "llama-bpe": try llamaBPE.get()
    case "mistral": try mistral.get()
    case "smollm2": try smolLM2.get()
    default: try llamaSPM.get()
    }
  }
}
