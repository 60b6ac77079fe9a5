import TestSupport
import Testing

@testable import ModelFormats

@Suite("safetensors files")
struct SafeTensorsTests {
  static let tensors = [
    SafeTensorsImage.Tensor("a", shape: [2, 3], data: [UInt8](repeating: 1, count: 24)),
    SafeTensorsImage.Tensor("h", type: "BF16", shape: [4], data: [UInt8](repeating: 2, count: 8)),
    SafeTensorsImage.Tensor("e", type: "I64", shape: [0], data: []),
    SafeTensorsImage.Tensor("s", type: "F16", shape: [], data: [3, 3]),
  ]

  static func read(_ bytes: [UInt8]) throws -> Result<[StoredTensor], ModelFormatError> {
    let folder = try TemporaryFolder(inMemory: true)
    let path = try folder.write("model.safetensors", bytes)
    do throws(ModelFormatError) {
      return .success(try SafeTensorsFile.read(try MappedFile(path: path)))
    } catch {
      return .failure(error)
    }
  }

  @Test("A right file is read") func right() throws {
    let found = try Self.read(SafeTensorsImage(Self.tensors).bytes).get()
    #expect(found.map(\.name) == ["a", "h", "e", "s"] && found.map(\.byteCount) == [24, 8, 0, 2])
    #expect(found.map(\.type) == [.f32, .bf16, nil, .f16] && found[0].shape == [2, 3])
  }

  // Headers for 34 bytes of data, and what the error says.
  static let headers: [(header: String, kind: ModelFormatError.Kind, text: String)] = [
    (
      #"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]},"b":{"dtype":"F32","shape":[4],"data_offsets":[8,24]}}"#,
      .invalid, "begins at byte 8"
    ),
    (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[4,20]}}"#, .invalid, "begins at byte 4"),
    (#"{"a":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#, .invalid, "belong to no tensor"),
    (#"{"a":{"dtype":"U8","shape":[35],"data_offsets":[0,35]}}"#, .truncated, "cut short"),
    (#"{"a":{"dtype":"U8","shape":[34],"data_offsets":[34,0]}}"#, .invalid, "data_offsets"),
    (#"{"a":{"dtype":"U8","shape":[34],"data_offsets":[0]}}"#, .invalid, "data_offsets"),
    (#"{"a":{"dtype":"U8","shape":[34],"data_offsets":[0,34,34]}}"#, .invalid, "data_offsets"),
    (#"{"a":{"dtype":"U8","shape":[34],"data_offsets":[-1,33]}}"#, .invalid, "data_offsets"),
    (#"{"a":{"dtype":"U8","shape":[34],"data_offsets":[0,18446744073709551615]}}"#, .invalid, "data_offsets"),
    (
      #"{"a":{"dtype":"U8","shape":[34],"data_offsets":[9223372036854775773,9223372036854775807]}}"#,
      .invalid, "begins at byte"
    ),
    (#"{"a":{"dtype":"F32","shape":[34],"data_offsets":[0,34]}}"#, .invalid, "takes 34 bytes"),
    (
      #"{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,34]}}"#, .invalid,
      "takes 34 bytes"
    ),
    (
      #"{"a":{"dtype":"F64","shape":[1152921504606846976,16],"data_offsets":[0,0]}}"#, .invalid,
      "takes 0 bytes"
    ),
    (#"{"a":{"dtype":"U8","shape":[-34],"data_offsets":[0,34]}}"#, .invalid, "shape"),
    (#"{"a":{"dtype":"U8","shape":34,"data_offsets":[0,34]}}"#, .invalid, "shape"),
    (#"{"a":{"dtype":"U8","shape":[1,1,1,1,34],"data_offsets":[0,34]}}"#, .invalid, "shape"),
    (#"{"a":{"dtype":"F4","shape":[34],"data_offsets":[0,34]}}"#, .invalid, "type"),
    (#"{"a":{"shape":[34],"data_offsets":[0,34]}}"#, .invalid, "type"), (#"{"a":7}"#, .invalid, "type"),
    (
      #"{"a":{"dtype":"U8","shape":[34],"data_offsets":[0,34]},"a":{"dtype":"U8","shape":[34],"data_offsets":[0,34]}}"#,
      .invalid, "not JSON"
    ),
    ("[]", .invalid, "not an object"), ("{", .invalid, "not JSON"), ("", .invalid, "not JSON"),
    ("{}", .invalid, "belong to no tensor"),
  ]

  @Test("A header that lies, overlaps or overflows is refused at its place", arguments: headers.indices)
  func header(index: Int) throws {
    let (header, kind, text) = Self.headers[index]
    let error = try #require(Self.read(SafeTensorsImage(Self.tensors, header: header).bytes).failure)
    #expect(error.kind == kind && error.message.contains(text), "\(error)")
  }

  @Test(
    "A length of the header beyond the file, or beyond the limit, is refused",
    arguments: [35, 1 << 40, Int.max])
  func length(_ length: Int) throws {
    let bytes = withUnsafeBytes(of: UInt64(length).littleEndian, Array.init) + Array("{}".utf8)
    #expect(try Self.read(bytes).failure?.kind == .truncated)
    #expect(try Self.read(Array(bytes.prefix(5))).failure?.kind == .truncated)
  }

  @Test("A file cut anywhere is an error") func cut() throws {
    let bytes = SafeTensorsImage(Self.tensors).bytes
    for count in 0..<bytes.count {
      #expect(try Self.read(Array(bytes.prefix(count))).failure != nil, "\(count)")
    }
  }
}
