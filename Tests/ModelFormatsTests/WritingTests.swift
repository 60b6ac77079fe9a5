import ModelFormats
import TestSupport
import Testing

@Suite("Writing GGUF")
struct WritingTests {
  /// The start of a file with the same content.
  private func header(of file: ModelFile) throws -> GGUFHeader {
    let tensors = file.tensorNames.compactMap { name in
      file.tensors[name].map { GGUFHeader.Entry(name: name, type: $0.type, shape: $0.shape) }
    }
    return try GGUFHeader(metadata: file.metadata, tensors: tensors, path: file.path)
  }

  @Test("every kind of value and tensor is written as it was read")
  func roundTrip() throws {
    var writer = sample()
    let values: [GGUFWriter.Value] = [
      .uint8(200), .int8(-3), .uint16(60_000), .int16(-300), .uint32(4_000_000_000), .int32(-70_000),
      .float32(1.5), .bool(false), .string("text"), .bytes([0xff, 0]), .uint64(.max), .int64(.min),
      .float64(0.1), .array(type: 0, []), .array(type: 8, []), .array(type: 3, [.int16(-1), .int16(2)]),
      .array(type: 11, [.int64(-1 << 40)]), .array(type: 4, [.uint32(7)]), .floats([1, 2.5]),
      .array(type: 7, [.bool(true)]), .array(type: 9, [.strings(["a", "b"]), .floats([3])]),
    ]
    for (index, value) in values.enumerated() { writer.set("v.\(index)", value) }
    let image = writer.image()
    let file = try open(image.bytes).get()
    let header = try header(of: file)
    #expect(header.bytes == Array(image.bytes[..<header.bytes.count]))
    #expect(header.byteCount == image.bytes.count)
  }

  @Test("the start of a file is what the Python package writes")
  func sameAsPython() throws {
    let path = fixture("whole.gguf")
    let header = try header(of: try ModelFile.open(path: path))
    let bytes = try readFile(path)
    #expect(header.bytes == Array(bytes[..<header.bytes.count]))
    #expect(header.byteCount == bytes.count)
  }

  @Test("alignment is the file's own", arguments: [1, 8, 64, 4096])
  func alignment(alignment: Int) throws {
    var writer = sample()
    writer.alignment = alignment
    writer.set("general.alignment", .uint32(UInt32(alignment)))
    let image = writer.image()
    // Tensors of two bytes need two.
    guard case .success(let file) = try open(image.bytes) else { return #expect(alignment == 1) }
    let header = try header(of: file)
    #expect(header.bytes == Array(image.bytes[..<header.bytes.count]))
    #expect(header.byteCount == image.bytes.count)
    #expect(header.padding(after: 0) == 0)
    #expect((1 + header.padding(after: 1)).isMultiple(of: alignment))
  }

  @Test("values that no file had get the types that programs expect")
  func usualTypes() throws {
    var metadata = Metadata()
    metadata.set("a", .uint(7))
    metadata.set("b", .int(-7))
    metadata.set("c", .uint(1 << 40))
    metadata.set("d", .float(0.5))
    metadata.set("e", .ints([1, -1]))
    metadata.set("f", .strings([[0x61]]))
    metadata.set("g", .ints([1 << 40]))
    metadata.set("a", .uint(8))
    metadata.set("gone", .bool(true))
    metadata.remove("gone")
    let header = try GGUFHeader(metadata: metadata, tensors: [], path: "new")
    let file = try open(header.bytes).get()
    #expect(file.metadata.keys == ["a", "b", "c", "d", "e", "f", "g"])
    #expect(file.metadata.values == metadata.values)
    let types: [GGUFValueType] = [.uint32, .int32, .uint64, .float32, .int32, .string, .int64]
    #expect(file.metadata.keys.map { file.metadata.types[$0] } == types)
  }

  @Test("what does not fit a file is refused")
  func refusals() {
    let huge = GGUFHeader.Entry(name: "t", type: .f32, shape: [Int.max / 8, 3])
    let half = GGUFHeader.Entry(name: "t", type: .f32, shape: [Int.max / 8])
    for tensors in [[huge], [half, half, half]] {
      let error = #expect(throws: ModelFormatError.self) {
        _ = try GGUFHeader(metadata: Metadata(), tensors: tensors, path: "new")
      }
      #expect(error?.kind == .tooLarge)
    }
    var metadata = Metadata()
    metadata.set("general.alignment", .uint(12))
    #expect(throws: ModelFormatError.self) {
      _ = try GGUFHeader(metadata: metadata, tensors: [], path: "new")
    }
  }
}
