import ModelFormats
import TestSupport
import Testing

@Suite("GGUF files that are right")
struct GGUFTests {
  @Test("a file of the Python package reads back with every type of value")
  func values() throws {
    let file = try ModelFile.open(path: fixture("whole.gguf"))
    let metadata = file.metadata
    #expect(file.architecture == "llama")
    #expect(metadata.integer("llama.block_count") == 1)
    #expect(metadata["t.u8"] == .uint(200))
    #expect(metadata["t.i8"] == .int(-100))
    #expect(metadata["t.u16"] == .uint(60_000))
    #expect(metadata["t.i16"] == .int(-30_000))
    #expect(metadata["t.u32"] == .uint(4_000_000_000))
    #expect(metadata["t.i32"] == .int(-2_000_000_000))
    #expect(metadata["t.u64"] == .uint(.max))
    #expect(metadata.integer("t.u64") == nil)
    #expect(metadata["t.i64"] == .int(.min))
    #expect(metadata["t.f32"] == .float(1.5))
    #expect(metadata["t.f64"] == .float(0.1))
    #expect(metadata.bool("t.yes") == true)
    #expect(metadata.bool("t.no") == false)
    #expect(metadata.string("t.text") == "grüße")
    #expect(metadata.integers("t.ints") == [1, -2, 3])
    #expect(metadata.floats("t.floats") == [0.5, -0.25])
    #expect(metadata.strings("t.strings") == ["a", "▁b", ""].map { Array($0.utf8) })
    #expect(metadata["t.bools"] == .bools([true, false, true]))
    #expect(metadata.keys.prefix(2) == ["general.architecture", "general.name"])
  }

  @Test("a file of the Python package reads back with its tensors")
  func tensors() throws {
    let file = try ModelFile.open(path: fixture("whole.gguf"))
    #expect(file.tensorNames == ["a", "half", "q", "cube"])
    #expect(file.byteCount == 1_120)
    let cube = try #require(file.tensors["cube"])
    #expect(cube.shape == [4, 3, 2])
    #expect((cube.columns, cube.rows, cube.elementCount, cube.byteCount) == (4, 6, 24, 96))
    let numbers = cube.withBytes { bytes in
      stride(from: 0, to: bytes.count, by: 4).map { bytes.load(fromByteOffset: $0, as: Float.self) }
    }
    #expect(numbers == (0..<24).map(Float.init))
    let q = try #require(file.tensors["q"])
    #expect((q.type, q.shape, q.byteCount) == (.q80, [64, 2], 136))
    let half = try #require(file.tensors["half"])
    #expect(half.withBytes { $0.load(fromByteOffset: 14, as: Float16.self) } == 7)
  }

  @Test("version 2 reads like version 3")
  func versionTwo() throws {
    var bytes = try readFile(fixture("whole.gguf"))
    bytes[4] = 2
    let file = try open(bytes).get()
    #expect(file.tensorNames == ["a", "half", "q", "cube"])
  }

  @Test("the estimate adds up the types, the largest first")
  func estimate() throws {
    let estimate = try ModelFile.open(path: fixture("whole.gguf")).estimate
    #expect(estimate.shares.map(\.type) == [.f32, .q80, .f16])
    #expect(estimate.shares.map(\.bytes) == [144, 136, 16])
    #expect((estimate.bytes, estimate.elements) == (296, 172))
  }

  @Test("a file without tensors opens, with and without metadata")
  func noTensors() throws {
    var writer = GGUFWriter()
    #expect(try open(writer.image().bytes).get().tensorNames.isEmpty)
    writer.set("general.architecture", .string("llama"))
    #expect(try open(writer.image().bytes).get().architecture == "llama")
  }

  @Test("tensors may stand in any order, with gaps, and bytes may follow them")
  func order() throws {
    var writer = sample()
    writer.tensors[0].offset = 96
    writer.tensors[1].offset = 0
    writer.tensors[2].offset = 192
    let image = writer.image()
    let file = try open(image.bytes + [UInt8](repeating: 9, count: 100)).get()
    #expect(file.tensorNames == ["a", "q", "h"])
    #expect(try bytes(#require(file.tensors["q"])).prefix(48) == [UInt8](repeating: 1, count: 48)[...])
  }

  @Test("the last tensor needs no padding after it")
  func noPadding() throws {
    let image = sample().image()
    let end = try #require(image.field("tensor[h].data")).range.upperBound
    let file = try open(Array(image.bytes[..<end])).get()
    #expect(try bytes(#require(file.tensors["h"])) == [UInt8](repeating: 3, count: 16))
  }

  @Test("alignments from 4 bytes to the limit are kept", arguments: [4, 8, 32, 64, 4_096, 2 << 20])
  func alignment(_ alignment: Int) throws {
    var writer = sample()
    writer.alignment = alignment
    writer.set("general.alignment", .uint32(UInt32(alignment)))
    let file = try open(writer.image().bytes).get()
    #expect(try bytes(#require(file.tensors["q"])) == [UInt8](repeating: 2, count: 68))
  }

  @Test("a scalar counts as one row of one")
  func scalar() throws {
    var writer = GGUFWriter()
    writer.tensors = [.init("x", shape: [], type: 0, data: [0, 0, 128, 63])]
    let tensor = try #require(try open(writer.image().bytes).get().tensors["x"])
    #expect((tensor.shape, tensor.columns, tensor.rows, tensor.byteCount) == ([1], 1, 1, 4))
  }

  @Test("a tensor outlives its model")
  func lifetime() throws {
    let tensor = try {
      try #require(try ModelFile.open(path: fixture("whole.gguf")).tensors["a"])
    }()
    #expect(tensor.withBytes { $0.load(fromByteOffset: 44, as: Float.self) } == 11)
  }

  @Test("a body's own error comes through")
  func ownError() throws {
    struct Mine: Error {}
    let tensor = try #require(try ModelFile.open(path: fixture("whole.gguf")).tensors["a"])
    #expect(throws: Mine.self) { try tensor.withBytes { (_) throws(Mine) in throw Mine() } }
  }

  @Test("nested arrays and arrays of nothing are kept")
  func nested() throws {
    var writer = sample()
    writer.set("s.none", .array(type: 8, []))
    let metadata = try open(writer.image().bytes).get().metadata
    #expect(metadata["s.nested"] == .arrays([.ints([1, 2]), .ints([3])]))
    #expect(metadata["s.none"] == .strings([]))
  }

  @Test("a tiny model of every type opens with its tensors", arguments: TensorType.allCases)
  func tiny(_ type: TensorType) throws {
    var model = TinyModel(type: type)
    model.layers = 1
    let file = try open(model.image().bytes).get()
    #expect(file.architecture == "llama")
    #expect(file.tensorNames.count == 12)
    #expect(file.tensors["blk.0.ffn_down.weight"]?.type == type)
    #expect(file.metadata.strings("tokenizer.ggml.tokens")?.count == 300)
  }

  @Test("the same tiny model is the same file")
  func reproducible() {
    #expect(TinyModel().image().bytes == TinyModel().image().bytes)
    var other = TinyModel()
    other.seed = 2
    #expect(TinyModel().image().bytes != other.image().bytes)
  }
}
