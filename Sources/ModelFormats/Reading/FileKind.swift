/// What a file looks like by its first bytes, so that an error about the wrong file can say what it is.
enum FileKind: Equatable {
  case gguf
  case empty
  case known(String)
  case unknown

  /// The kind of `file`.
  init(of file: MappedFile) {
    self = file.withBytes { bytes in
      if bytes.isEmpty { return .empty }
      let magics: [(String, FileKind)] = [
        ("GGUF", .gguf),
        ("FUGG", .known("a big-endian GGUF file")),
        ("lmgg", .known("a GGML file from before August 2023")),
        ("fmgg", .known("a GGMF file from before August 2023")),
        ("tjgg", .known("a GGJT file from before August 2023")),
        ("algg", .known("a GGLA adapter")),
        ("PK\u{3}\u{4}", .known("a zip archive, such as a PyTorch checkpoint")),
        ("version https://git-lfs", .known("a Git LFS pointer (download the file itself)")),
        ("<!DOCTYPE", .known("a web page")),
        ("<html", .known("a web page")),
      ]
      for (magic, kind) in magics where bytes.starts(with: magic.utf8) { return kind }
      // safetensors: the length of the header in eight bytes, then its JSON.
      if bytes.count > 8, bytes[8] == UInt8(ascii: "{") { return .known("safetensors") }
      return .unknown
    }
  }

  /// Throws `notAModel` unless this is GGUF.
  func requireReadable(_ path: String) throws(ModelFormatError) {
    switch self {
    case .gguf: return
    case .empty:
      throw ModelFormatError(.notAModel, path: path, "the file is empty", expected: "download it again")
    case .known(let name):
      throw ModelFormatError(.notAModel, path: path, "not a GGUF file", expected: "it looks like \(name)")
    case .unknown:
      throw ModelFormatError(
        .notAModel, path: path, "not a GGUF file", expected: "those start with the letters GGUF")
    }
  }
}
