import ModelFormats

@testable import Tokenizers

/// Writes the bytes of a GGUF file without tensors (version 3 of the format).
enum SmallGGUF {
  /// A file with `values`.
  static func bytes(_ values: [(key: String, value: MetadataValue)]) -> [UInt8] {
    var bytes = Array("GGUF".utf8) + little(3, 4) + little(0, 8) + little(values.count, 8)
    for (key, value) in values {
      bytes += string(Array(key.utf8))
      switch value {
      case .bool(let flag): bytes += little(7, 4) + [flag ? 1 : 0]
      case .int(let number): bytes += little(4, 4) + little(Int(number), 4)
      case .string(let text): bytes += little(8, 4) + string(text)
      case .ints(let numbers):
        bytes += little(9, 4) + little(5, 4) + little(numbers.count, 8)
        for number in numbers { bytes += little(Int(number), 4) }
      case .floats(let numbers):
        bytes += little(9, 4) + little(6, 4) + little(numbers.count, 8)
        for number in numbers { bytes += little(Int(number.bitPattern), 4) }
      case .strings(let texts):
        bytes += little(9, 4) + little(8, 4) + little(texts.count, 8)
        for text in texts { bytes += string(text) }
      default: break
      }
    }
    return bytes
  }

  private static func little(_ number: Int, _ count: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
  }

  private static func string(_ bytes: [UInt8]) -> [UInt8] { little(bytes.count, 8) + bytes }

  /// Small vocabularies of every family by the name in `tokenizer.ggml.model`.
  static func vocabulary(_ model: String) -> [UInt8] {
    let bytes = (0...255).map { byte in
      let digits = String(byte, radix: 16, uppercase: true)
      return "<0x\(digits.count < 2 ? "0" : "")\(digits)>"
    }
    let standIns = (0...255).map { String(decoding: ByteAlphabet.spelling(of: [UInt8($0)]), as: UTF8.self) }
    let words = ["▁", "a", "b", "ab", "▁a", "▁ab", "l", "o", "lo", "##c", "Hel", "▁Hello", "日"]
    let isByteLevel = model == "gpt2"
    let pieces = ["<s>", "</s>", "<unk>", "<|im_start|>"] + (isByteLevel ? standIns + ["lo"] : bytes + words)
    var types: [Int64] = [3, 3, 2, 4]
    types += [Int64](repeating: isByteLevel ? 1 : 6, count: 256)
    types += [Int64](repeating: 1, count: pieces.count - types.count)
    let merges = isByteLevel ? ["l o"] : ["a b", "▁ a", "▁a b", "l o"]
    func texts(_ all: [String]) -> MetadataValue { .strings(all.map { Array($0.utf8) }) }
    return SmallGGUF.bytes([
      ("general.architecture", .string(Array("llama".utf8))),
      ("tokenizer.ggml.model", .string(Array(model.utf8))),
      ("tokenizer.ggml.pre", .string(Array("llama-bpe".utf8))), ("tokenizer.ggml.bos_token_id", .int(0)),
      ("tokenizer.ggml.eos_token_id", .int(1)), ("tokenizer.ggml.unknown_token_id", .int(2)),
      ("tokenizer.ggml.add_bos_token", .bool(true)), ("tokenizer.ggml.add_space_prefix", .bool(true)),
      ("tokenizer.ggml.tokens", texts(pieces)), ("tokenizer.ggml.merges", texts(merges)),
      ("tokenizer.ggml.token_type", .ints(types)),
      ("tokenizer.ggml.scores", .floats(pieces.indices.map { -Float($0) / 8 })),
    ])
  }
}
