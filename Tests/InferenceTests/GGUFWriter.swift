import CKernels
import ModelFormats

import struct Foundation.Data
import class Foundation.FileManager
import struct Foundation.URL
import struct Foundation.UUID

/// Writes GGUF files for tests: from nothing, or another model's content with changes.
struct GGUFWriter {
  struct Entry {
    var shape: [Int]
    var type: TensorType
    var bytes: [UInt8]
  }

  var metadata: [(key: String, value: MetadataValue)] = []
  var tensors: [(name: String, entry: Entry)] = []

  /// A file without anything in it.
  init() {}

  init(copying file: ModelFile) {
    metadata = file.metadata.keys.compactMap { key in
      key.hasPrefix("reference.") ? nil : file.metadata[key].map { (key, $0) }
    }
    tensors = file.tensorNames.compactMap { name in
      file.tensors[name].map { tensor in
        (name, Entry(shape: tensor.shape, type: tensor.type, bytes: tensor.withBytes { Array($0) }))
      }
    }
  }

  /// Writes every weight as F32 and leaves the vocabulary out: a network whose arithmetic is exact.
  mutating func widen() {
    metadata.removeAll { $0.key.hasPrefix("tokenizer.") }
    for index in tensors.indices {
      let entry = tensors[index].entry
      let count = entry.shape.reduce(1, *)
      let values = [UInt8](unsafeUninitializedCapacity: 4 * count) { out, size in
        out.withMemoryRebound(to: Float.self) { floats in
          ck_dequantize_row(ck_type(UInt32(entry.type.rawValue)), entry.bytes, floats.baseAddress, count)
        }
        size = 4 * count
      }
      tensors[index].entry = Entry(shape: entry.shape, type: .f32, bytes: values)
    }
  }

  /// Replaces or adds a value; nil removes it.
  mutating func set(_ key: String, _ value: MetadataValue?) {
    metadata.removeAll { $0.key == key }
    if let value { metadata.append((key, value)) }
  }

  /// Replaces a tensor by zeros of another shape; nil removes it.
  mutating func reshape(_ name: String, _ shape: [Int]?) {
    tensors.removeAll { $0.name == name }
    guard let shape else { return }
    let bytes = [UInt8](repeating: 0, count: 4 * shape.reduce(1, *))
    tensors.append((name, Entry(shape: shape, type: .f32, bytes: bytes)))
  }

  /// Writes to a file of its own, opens it, and removes the name at once.
  func open() throws -> ModelFile {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID()).gguf")
    try Data(encoded()).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try ModelFile.open(path: url.path)
  }

  private func encoded() -> [UInt8] {
    var out = Array("GGUF".utf8)
    append(UInt32(3), &out)
    append(UInt64(tensors.count), &out)
    append(UInt64(metadata.count), &out)
    for (key, value) in metadata {
      append(Array(key.utf8), &out)
      append(value, &out)
    }
    var offset = 0
    for (name, entry) in tensors {
      append(Array(name.utf8), &out)
      append(UInt32(entry.shape.count), &out)
      for dimension in entry.shape { append(UInt64(dimension), &out) }
      append(UInt32(entry.type.rawValue), &out)
      append(UInt64(offset), &out)
      offset += (entry.bytes.count + 31) / 32 * 32
    }
    pad(&out)
    for (_, entry) in tensors {
      out += entry.bytes
      pad(&out)
    }
    return out
  }

  private func pad(_ out: inout [UInt8]) {
    while !out.count.isMultiple(of: 32) { out.append(0) }
  }

  private func append<Value: FixedWidthInteger>(_ value: Value, _ out: inout [UInt8]) {
    withUnsafeBytes(of: value.littleEndian) { out += $0 }
  }

  private func append(_ string: [UInt8], _ out: inout [UInt8]) {
    append(UInt64(string.count), &out)
    out += string
  }

  private func append(_ value: MetadataValue, _ out: inout [UInt8]) {
    func number(_ type: UInt32) { append(type, &out) }
    switch value {
    case .uint(let value):
      number(10)
      append(value, &out)
    case .int(let value):
      number(11)
      append(value, &out)
    case .float(let value):
      number(12)
      append(value.bitPattern, &out)
    case .bool(let value):
      number(7)
      out.append(value ? 1 : 0)
    case .string(let bytes):
      number(8)
      append(bytes, &out)
    case .ints(let values):
      number(9)
      number(11)
      append(UInt64(values.count), &out)
      for value in values { append(value, &out) }
    case .strings(let values):
      number(9)
      number(8)
      append(UInt64(values.count), &out)
      for value in values { append(value, &out) }
    case .floats(let values):
      number(9)
      number(6)
      append(UInt64(values.count), &out)
      for value in values { append(value.bitPattern, &out) }
    case .bools, .arrays:
      preconditionFailure("not needed by any test")
    }
  }
}
