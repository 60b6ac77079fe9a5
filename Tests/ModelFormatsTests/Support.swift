import Foundation
import ModelFormats
import TestSupport

/// The path of a file in `Fixtures`; they were written by the Python package `gguf`.
func fixture(_ name: String) -> String {
  Bundle.module.resourceURL?.appendingPathComponent("Fixtures/" + name).path ?? name
}

/// The bytes of a file.
func readFile(_ path: String) throws -> [UInt8] {
  [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
}

/// What opening `bytes` as a file gives.
func open(_ bytes: [UInt8]) throws -> Result<ModelFile, ModelFormatError> {
  let folder = try TemporaryFolder(inMemory: true)
  return open(try folder.write("model.gguf", bytes))
}

/// What opening `path` gives.
func open(_ path: String) -> Result<ModelFile, ModelFormatError> {
  do throws(ModelFormatError) {
    return .success(try ModelFile.open(path: path))
  } catch {
    return .failure(error)
  }
}

extension Result {
  /// The error, when there is one.
  var failure: Failure? {
    if case .failure(let error) = self { error } else { nil }
  }
}

/// A small right file: every kind of field, three tensors of different types.
func sample() -> GGUFWriter {
  var writer = GGUFWriter()
  writer.set("general.architecture", .string("llama"))
  writer.set("general.alignment", .uint32(32))
  writer.set("s.bool", .bool(true))
  writer.set("s.wide", .array(type: 10, [.uint64(1), .uint64(2)]))
  writer.set("s.texts", .strings(["one", "two", "three"]))
  writer.set("s.flags", .array(type: 7, [.bool(true), .bool(false)]))
  writer.set("s.nested", .array(type: 9, [.int32s([1, 2]), .int32s([3])]))
  writer.tensors = [
    .init("a", shape: [4, 3], type: 0, data: [UInt8](repeating: 1, count: 48)),
    .init("q", shape: [32, 2], type: 8, data: [UInt8](repeating: 2, count: 68)),
    .init("h", shape: [2, 2, 2, 1], type: 1, data: [UInt8](repeating: 3, count: 16)),
  ]
  return writer
}

/// The bytes of a tensor.
func bytes(_ tensor: Tensor) -> [UInt8] { tensor.withBytes { [UInt8]($0) } }
