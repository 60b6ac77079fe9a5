/// What a file looks like by its first bytes, to give a wrong file a helpful answer.
enum FileKind: Equatable {
  case gguf
  case empty
  case known(String)
  case unknown

  /// Looks at the first bytes of `file`.
  init(of file: MappedFile) {
    self = file.withBytes { bytes in
      if bytes.isEmpty { return .empty }
      let magics: [(String, FileKind)] = [
        ("GGUF", .gguf),
        ("FUGG", .known("a big-endian GGUF file")),
        ("lmgg", .known("a GGML file of before August 2023")),
        ("fmgg", .known("a GGMF file of before August 2023")),
        ("tjgg", .known("a GGJT file of before August 2023")),
        ("algg", .known("a GGLA adapter")),
        ("PK\u{3}\u{4}", .known("a zip archive, perhaps a PyTorch checkpoint")),
        ("version https://git-lfs", .known("a Git LFS pointer: the file itself was not downloaded")),
        ("<!DOCTYPE", .known("a web page")),
        ("<html", .known("a web page")),
      ]
      for (magic, kind) in magics where bytes.starts(with: magic.utf8) { return kind }
      // A safetensors file: the length of the header, then its JSON.
      if bytes.count > 8, bytes[8] == UInt8(ascii: "{") { return .known("perhaps a safetensors file") }
      return .unknown
    }
  }

  /// Throws unless this is a format that we read.
  func requireReadable(_ path: String) throws(ModelFormatError) {
    let found: String
    switch self {
    case .gguf: return
    case .empty: found = "the file is empty"
    case .known(let name): found = "this is \(name)"
    case .unknown: found = "the file is not a model"
    }
    throw ModelFormatError(
      .notAModel, path: path, offset: 0, found, expected: "a GGUF file starts with the letters GGUF")
  }
}
