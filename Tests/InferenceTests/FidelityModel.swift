import ModelFormats

import struct TestSupport.SplitMix64

/// A small network whose matrices are all of one type: the one that `Fixtures/record_fidelity.py` makes.
struct FidelityModel {
  static let width = 256
  static let heads = 4
  static let keyValueHeads = 2
  static let layers = 2
  static let vocabulary = 32
  static let positions = 64

  let type: TensorType

  /// Writes the network and opens it.
  func open() throws -> ModelFile {
    var writer = GGUFWriter()
    writer.set("general.architecture", .string(Array("llama".utf8)))
    for (key, value) in [
      ("context_length", Self.positions), ("embedding_length", Self.width), ("block_count", Self.layers),
      ("feed_forward_length", Self.width), ("attention.head_count", Self.heads),
      ("attention.head_count_kv", Self.keyValueHeads), ("vocab_size", Self.vocabulary),
    ] {
      writer.set("llama." + key, .uint(UInt64(value)))
    }
    writer.set("llama.attention.layer_norm_rms_epsilon", .float(1e-5))
    writer.tensors = tensors()
    return try writer.open()
  }

  private func tensors() -> [(name: String, entry: GGUFWriter.Entry)] {
    let narrow = Self.width / Self.heads * Self.keyValueHeads
    var shapes = [("token_embd", Self.vocabulary)]
    for layer in 0..<Self.layers {
      for (stem, rows) in [
        ("attn_norm", 1), ("attn_q", Self.width), ("attn_k", narrow), ("attn_v", narrow),
        ("attn_output", Self.width), ("ffn_norm", 1), ("ffn_gate", Self.width), ("ffn_up", Self.width),
        ("ffn_down", Self.width),
      ] {
        shapes.append(("blk.\(layer).\(stem)", rows))
      }
    }
    shapes.append(("output_norm", 1))
    return shapes.enumerated().map { index, shape in
      (shape.0 + ".weight", shape.1 == 1 ? ones() : matrix(seed: UInt64(index + 1), rows: shape.1))
    }
  }

  private func ones() -> GGUFWriter.Entry {
    let values = [Float](repeating: 1, count: Self.width)
    return .init(shape: [Self.width], type: .f32, bytes: values.withUnsafeBytes { Array($0) })
  }

  private func matrix(seed: UInt64, rows: Int) -> GGUFWriter.Entry {
    let count = rows * Self.width / type.blockValues * type.blockBytes
    var random = SplitMix64(seed: seed)
    let (kept, set) = floatBits
    let words = (0..<(count + 7) / 8).map { _ in (random.next() & kept | set).littleEndian }
    var bytes = words.withUnsafeBytes { Array($0.prefix(count)) }
    for block in stride(from: 0, to: bytes.count, by: type.blockBytes) {
      for (offset, value) in halves {
        let bits = Float16(value).bitPattern
        bytes[block + offset] = UInt8(bits & 0xff)
        bytes[block + offset + 1] = UInt8(bits >> 8)
      }
    }
    return .init(shape: [Self.width, rows], type: type, bytes: bytes)
  }

  /// Which bits of eight random bytes are kept, and which are set: floats keep sign and mantissa, and get magnitudes
  /// from 2^-5 to 2^-3.
  private var floatBits: (kept: UInt64, set: UInt64) {
    switch type {
    case .f32: (0x80ff_ffff_80ff_ffff, 0x3d00_0000_3d00_0000)
    case .f16: (0x87ff_87ff_87ff_87ff, 0x2800_2800_2800_2800)
    case .bf16: (0x80ff_80ff_80ff_80ff, 0x3d00_3d00_3d00_3d00)
    default: (.max, 0)
    }
  }

  /// The scales of a block, which random bits would make anything: offset and value.
  private var halves: [(offset: Int, value: Float)] {
    switch type {
    case .f32, .f16, .bf16: []
    case .q80: [(0, 0.00095)]
    case .q40: [(0, 0.0152)]
    case .q41: [(0, 0.0152), (2, -0.114)]
    case .q50: [(0, 0.0076)]
    case .q51: [(0, 0.0076), (2, -0.118)]
    case .q2K: [(80, 0.005), (82, 0.0075)]
    case .q3K: [(108, 0.0016)]
    case .q4K: [(0, 0.00027), (2, 0.002)]
    case .q5K: [(0, 0.000135), (2, 0.0021)]
    case .q6K: [(208, 0.000062)]
    case .iq4NL: [(0, 0.001)]
    case .iq4XS: [(0, 0.000062)]
    }
  }
}
