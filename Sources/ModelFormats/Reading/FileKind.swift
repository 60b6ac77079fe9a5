/// What a file looks like by its first bytes, so that an error about the wrong file can say what it is.
enum FileKind: Equatable {
  case gguf
  case safeTensors
  /// A zip archive, as `torch.save` writes.
  case zip
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
        ("PK\u{3}\u{4}", .zip),
        ("version https://git-lfs", .known("a Git LFS pointer (download the file itself)")),
        ("<!DOCTYPE", .known("a web page")),
        ("<html", .known("a web page")),
      ]
      for (magic, kind) in magics where bytes.starts(with: magic.utf8) { return kind }
      // PyTorch before 1.6 wrote a magic number, pickled, and no archive.
      if bytes.starts(with: [0x80, 2, 0x8A, 0x0A, 0x6C, 0xFC]) {
        return .known("a PyTorch file from before version 1.6 (save it again with a later one)")
      }
      // safetensors: the length of the header in eight bytes, then its JSON.
      if bytes.count > 8, bytes[8] == UInt8(ascii: "{") { return .safeTensors }
      return .unknown
    }
  }

  /// What it is, in words; nil if that is unknown.
  private var words: String? {
    switch self {
    case .gguf: "a GGUF file"
    case .safeTensors: "safetensors"
    case .zip: "a zip archive, such as a PyTorch checkpoint"
    case .known(let name): name
    case .empty, .unknown: nil
    }
  }

  /// Throws `notAModel` unless this is `wanted`, which is GGUF or a format of weights.
  func require(_ wanted: FileKind, _ path: String) throws(ModelFormatError) {
    guard self != wanted else { return }
    let expected: String
    switch (self, wanted) {
    case (.empty, _):
      throw ModelFormatError(.notAModel, path: path, "the file is empty", expected: "download it again")
    case (.safeTensors, .gguf), (.zip, .gguf):
      expected = "it looks like \(words ?? ""): load the folder that it is in, with its config.json"
    case (.unknown, .gguf): expected = "those start with the letters GGUF"
    case (.unknown, .safeTensors): expected = "those start with the length of a JSON header"
    case (.unknown, _): expected = "torch.save writes a zip archive"
    case (_, _): expected = "it looks like \(words ?? "")"
    }
    let name = wanted == .gguf ? "a GGUF file" : wanted == .zip ? "a PyTorch file" : "a safetensors file"
    throw ModelFormatError(.notAModel, path: path, "not \(name)", expected: expected)
  }
}
