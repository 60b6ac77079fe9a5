import CKernels
import ModelFormats
import TestSupport
import Testing
import Tokens

@testable import Inference

@Suite("Conversion to other types")
struct ConversionTests {
  /// A tiny network, or one of TestSupport's whose rows fill blocks of 256.
  private static func model(_ name: String) throws -> ModelFile {
    if name != "wide" { return try TinyModel(name).file }
    var wide = TestSupport.TinyModel(type: .q4K)
    wide.type = .f32
    return try open(wide.image().bytes)
  }

  /// Opens a file, whose name is gone afterwards.
  private static func open(_ bytes: [UInt8]) throws -> ModelFile {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try ModelFile.open(path: try folder.write("model.gguf", bytes))
  }

  private func converted(_ file: ModelFile, to type: WeightType?, threads: Int = 2) throws -> ModelFile {
    let converter = try ModelConverter(file: file, metadata: file.metadata, to: type, threads: threads)
    var bytes: [UInt8] = []
    while let piece = try converter.next() { bytes += piece }
    #expect(bytes.count == converter.header.byteCount)
    return try Self.open(bytes)
  }

  private func values(_ tensor: Tensor) -> [Float] {
    var values = [Float](repeating: .nan, count: tensor.elementCount)
    tensor.withBytes {
      ck_dequantize_row(ck_type(UInt32(tensor.type.rawValue)), $0.baseAddress, &values, values.count)
    }
    return values
  }

  @Test("each tensor gets the type that llama.cpp's quantiser gives it", arguments: WeightType.allCases)
  func types(type: WeightType) throws {
    let file = try Self.model("wide")
    let new = try converted(file, to: type)
    #expect(new.tensorNames == file.tensorNames)
    let isSmall = type == .q40 || type == .q4K
    #expect(new.tensors["output.weight"]?.type == (isSmall ? .q6K : type.tensorType))
    #expect(new.tensors["token_embd.weight"]?.type == type.tensorType)
    #expect(new.tensors["blk.0.ffn_down.weight"]?.type == type.tensorType)
    #expect(new.tensors["blk.0.attn_norm.weight"]?.type == .f32)
    #expect(new.tensors["output_norm.weight"]?.type == .f32)
    #expect(new.metadata.integer("general.file_type") == Int(type.fileType))
    let isQuantised = WeightType.quantized.contains(type)
    #expect(new.metadata.integer("general.quantization_version") == (isQuantised ? 2 : nil))
    for (name, tensor) in new.tensors {
      let exact = values(try #require(file.tensors[name]))
      let largest = exact.reduce(0) { max($0, abs($1)) }
      for (value, exact) in zip(values(tensor), exact) { #expect(abs(value - exact) <= largest / 6) }
    }
  }

  @Test("rows that do not fill a type's blocks get the next type that they fill")
  func fallbacks() throws {
    let file = try TinyModel("tied").file
    let new = try converted(file, to: .q4K)
    #expect(new.tensors["blk.0.attn_q.weight"]?.type == .q50)
    // Without an output matrix, the embeddings are one.
    #expect(new.tensors["token_embd.weight"]?.type == .q80)
    // 48 values do not fill blocks of 32 either.
    #expect(new.tensors["blk.0.ffn_down.weight"]?.type == .f16)
  }

  @Test("halves of either kind are widened first", arguments: [TensorType.f16, .bf16])
  func sources(type: TensorType) throws {
    var tiny = TestSupport.TinyModel()
    tiny.type = type
    let file = try Self.open(tiny.image().bytes)
    let wide = try converted(file, to: .f32)
    #expect(wide.tensors.values.allSatisfy { $0.type == .f32 })
    for (name, tensor) in wide.tensors { #expect(values(tensor) == values(try #require(file.tensors[name]))) }
    // Back again, nothing was lost.
    let back = try converted(wide, to: type == .f16 ? .f16 : .bf16)
    for (name, tensor) in back.tensors { #expect(values(tensor) == values(try #require(file.tensors[name]))) }
    let direct = try converted(file, to: .q80)
    let twice = try converted(wide, to: .q80)
    for (name, tensor) in direct.tensors {
      let other = try #require(twice.tensors[name])
      #expect(tensor.withBytes { [UInt8]($0) } == other.withBytes { [UInt8]($0) }, "\(name)")
    }
  }

  @Test("the number of threads changes nothing")
  func threads() throws {
    let file = try Self.model("wide")
    let one = try converted(file, to: .q4K, threads: 1)
    let five = try converted(file, to: .q4K, threads: 5)
    for (name, tensor) in one.tensors {
      let other = try #require(five.tensors[name])
      #expect(tensor.withBytes { [UInt8]($0) } == other.withBytes { [UInt8]($0) }, "\(name)")
    }
  }

  @Test("metadata stays as it was, with its types")
  func metadata() throws {
    let file = try TinyModel("yarn").file
    let new = try converted(file, to: nil)
    #expect(new.tensors.isEmpty)
    #expect(new.metadata.keys == file.metadata.keys.filter { $0 != "general.file_type" })
    for key in new.metadata.keys {
      #expect(new.metadata[key] == file.metadata[key])
      #expect(new.metadata.types[key] == file.metadata.types[key])
    }
  }

  @Test("a model converted to F32 gives the same logits", arguments: ["tied", "biases", "window", "llama3"])
  func sameLogits(name: String) throws {
    let tiny = try TinyModel(name)
    let new = try converted(tiny.file, to: .f32)
    let options = LoadOptions(threads: 2, cache: .positions(1024))
    let logits = try LanguageModel.load(file: new, options: options).allLogits(tiny.tokens)
    #expect(logits == (try tiny.load().allLogits(tiny.tokens)))
  }

  @Test(
    "quantising while loading gives what loading the converted file does", arguments: WeightType.quantized)
  func quantisedLoad(type: WeightType) throws {
    for name in ["wide", "one_kv_head", "biases"] {
      let file = try Self.model(name)
      var writer = GGUFWriter(copying: try converted(file, to: type))
      // While loading, the embeddings stay in the file as they are.
      let embeddings = try #require(file.tensors["token_embd.weight"])
      guard file.tensors["output.weight"] != nil else { continue }
      writer.replace(embeddings)
      let tokens = (0..<40).map { TokenID($0 % 60) }
      let options = LoadOptions(threads: 2, cache: .positions(1024), cacheType: .f32)
      var quantising = options
      quantising.quantize = type
      let expected = try LanguageModel.load(file: try writer.open(), options: options)
      let model = try LanguageModel.load(file: file, options: quantising)
      #expect(model.quantizedType != nil && expected.quantizedType == nil)
      #expect(model.estimate.weightBytes == expected.estimate.weightBytes)
      #expect(try model.allLogits(tokens) == expected.allLogits(tokens))
    }
  }

  @Test("weights that are quantised already stay as they are while loading")
  func alreadyQuantised() throws {
    let tiny = try TinyModel("quantised")
    let options = LoadOptions(threads: 2, cache: .positions(1024), quantize: .q80)
    let model = try LanguageModel.load(file: tiny.file, options: options)
    #expect(model.quantizedType == nil)
    #expect(try model.allLogits(tiny.tokens) == tiny.load().allLogits(tiny.tokens))
  }

  @Test(
    "a weight that is not a number is an error that names its place", arguments: [Float.nan, .infinity, 1e6])
  func unfit(value: Float) throws {
    let file = try Self.model("wide")
    var writer = GGUFWriter(copying: file)
    let tensor = try #require(file.tensors["blk.1.ffn_up.weight"])
    var weights = values(tensor)
    weights[3 * tensor.columns + 17] = value
    writer.replace(tensor, with: weights)
    let broken = try writer.open()
    let expected = InferenceError.tensor(
      name: "blk.1.ffn_up.weight", found: "\(value) at row 3, column 17",
      expected: "finite values, of at most 65504 for formats with 16-bit scales")
    #expect(throws: expected) { _ = try converted(broken, to: .q40) }
    let options = LoadOptions(threads: 2, cache: .positions(1024), quantize: .q4K)
    #expect(throws: expected) { _ = try LanguageModel.load(file: broken, options: options) }
  }
}

extension GGUFWriter {
  /// Puts a tensor in the place of the one of its name.
  fileprivate mutating func replace(_ tensor: Tensor, with values: [Float]? = nil) {
    for index in tensors.indices where tensors[index].name == tensor.name {
      tensors[index].entry = Entry(
        shape: tensor.shape, type: tensor.type,
        bytes: values?.withUnsafeBytes { Array($0) } ?? tensor.withBytes { Array($0) })
    }
  }
}
