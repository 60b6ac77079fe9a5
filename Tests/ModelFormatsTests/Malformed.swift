import ModelFormats
import TestSupport
import Testing

/// A file that is wrong in one way, and the kind of error that it must give.
struct Malformed: Sendable, CustomTestStringConvertible {
  let name: String
  let kind: ModelFormatError.Kind
  let bytes: [UInt8]

  var testDescription: String { name }

  init(_ name: String, _ kind: ModelFormatError.Kind, _ bytes: [UInt8]) {
    self.name = name
    self.kind = kind
    self.bytes = bytes
  }

  /// The sample with the field of `label` set.
  init(_ label: String, _ value: UInt64, _ kind: ModelFormatError.Kind) {
    self.init("\(label) = \(value)", kind, sample().image().setting(label, to: value))
  }

  /// The sample, written after a change.
  init(_ name: String, _ kind: ModelFormatError.Kind, _ change: (inout GGUFWriter) -> Void) {
    var writer = sample()
    change(&writer)
    self.init(name, kind, writer.image().bytes)
  }

  /// Every case.
  static let all = notModels + headers + keys + values + arrays + alignments + directories + places + splits

  static let notModels: [Malformed] = [
    .init("an empty file", .notAModel, []),
    .init("one letter", .notAModel, Array("G".utf8)),
    .init("three letters", .notAModel, Array("GGU".utf8)),
    .init("the magic number alone", .truncated, Array("GGUF".utf8)),
    .init("an old GGML file", .notAModel, Array("lmgg0000".utf8)),
    .init("an old GGJT file", .notAModel, Array("tjgg0000".utf8)),
    .init("a big-endian magic number", .notAModel, Array("FUGG0000".utf8)),
    .init("a zip archive", .notAModel, Array("PK\u{3}\u{4}0000".utf8)),
    .init("a safetensors file", .notAModel, [2, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8)),
    .init("a Git LFS pointer", .notAModel, Array("version https://git-lfs.github.com/spec/v1\n".utf8)),
    .init("a web page", .notAModel, Array("<!DOCTYPE html>".utf8)),
    .init("zeroes", .notAModel, [UInt8](repeating: 0, count: 4_096)),
  ]

  static let headers: [Malformed] = [
    .init("magic", 0x4655_4748, .notAModel),
    .init("version", 0, .unsupportedVersion),
    .init("version", 1, .unsupportedVersion),
    .init("version", 4, .unsupportedVersion),
    .init("version", 0xFFFF_FFFF, .unsupportedVersion),
    .init("version", 0x0300_0000, .unsupportedVersion),
    .init("version", 0x0200_0000, .unsupportedVersion),
    .init("tensors.count", 4, .truncated),
    .init("tensors.count", 1 << 16, .truncated),
    .init("tensors.count", 1 << 31, .truncated),
    .init("tensors.count", 1 << 32, .truncated),
    .init("tensors.count", 1 << 63, .truncated),
    .init("tensors.count", .max, .truncated),
    .init("tensors.count", .max / 25 + 1, .truncated),
    .init("metadata.count", 6, .invalid),
    .init("metadata.count", 8, .truncated),
    .init("metadata.count", 1 << 31, .truncated),
    .init("metadata.count", 1 << 63, .truncated),
    .init("metadata.count", .max, .truncated),
    .init("more tensors than the limit", .tooLarge) {
      $0.tensors = (0...(1 << 15)).map { .init("\($0)", shape: [1], type: 0, data: [0, 0, 0, 0]) }
    },
    .init("more keys than the limit", .tooLarge) { writer in
      writer.pairs = (0...(1 << 16)).map { (Array("\($0)".utf8), .uint8(0)) }
    },
  ]

  static let keys: [Malformed] = [
    .init("metadata[s.bool].key.length", 0, .invalid),
    .init("metadata[s.bool].key.length", 1 << 40, .truncated),
    .init("metadata[s.bool].key.length", 1 << 63, .truncated),
    .init("metadata[s.bool].key.length", .max, .truncated),
    .init("metadata[s.bool].key.length", .max - 40, .truncated),
    .init("a key over the limit", .tooLarge) {
      $0.set(String(repeating: "k", count: 65_536), .bool(true))
    },
    .init("a key that is not UTF-8", .invalid) { $0.pairs[2].key = [0x73, 0xFF] },
    .init("a key twice", .invalid) { $0.pairs.append($0.pairs[0]) },
    .init("a key twice with two types", .invalid) { $0.pairs.append(($0.pairs[0].key, .bool(true))) },
  ]

  static let values: [Malformed] = [
    .init("metadata[s.bool].type", 13, .invalid),
    .init("metadata[s.bool].type", 255, .invalid),
    .init("metadata[s.bool].type", 0xFFFF_FFFF, .invalid),
    .init("metadata[s.bool].value", 2, .invalid),
    .init("metadata[s.bool].value", 255, .invalid),
    .init("metadata[general.architecture].value.length", 1 << 40, .truncated),
    .init("metadata[general.architecture].value.length", 1 << 31, .truncated),
    .init("metadata[general.architecture].value.length", 1 << 63, .truncated),
    .init("metadata[general.architecture].value.length", .max, .truncated),
    .init("a string over the limit", .tooLarge) {
      $0.set("s.long", .bytes([UInt8](repeating: 0x61, count: (16 << 20) + 1)))
    },
    .init("a value that the file ends in", .truncated) {
      $0.tensors = []
      $0.alignment = 1
      $0.set("s.last", .raw(type: 12, [0, 0, 0, 0]))
    },
  ]

  static let arrays: [Malformed] = [
    .init("metadata[s.wide].value.element", 13, .invalid),
    .init("metadata[s.wide].value.element", 0xFFFF_FFFF, .invalid),
    .init("metadata[s.wide].value.count", 1 << 31, .truncated),
    .init("metadata[s.wide].value.count", 1 << 40, .truncated),
    .init("metadata[s.wide].value.count", 1 << 61, .truncated),
    .init("metadata[s.wide].value.count", (1 << 61) + 1, .truncated),
    .init("metadata[s.wide].value.count", .max, .truncated),
    .init("metadata[s.wide].value[0]", 1 << 63, .tooLarge),
    .init("metadata[s.texts].value.count", 1 << 61, .truncated),
    .init("metadata[s.texts].value.count", .max, .truncated),
    .init("metadata[s.texts].value[1].length", 1 << 40, .truncated),
    .init("metadata[s.texts].value[1].length", .max, .truncated),
    .init("metadata[s.flags].value[1]", 7, .invalid),
    .init("metadata[s.nested].value.count", 1 << 60, .truncated),
    .init("metadata[s.nested].value[0].count", .max, .truncated),
    .init("metadata[s.nested].value[0].element", 99, .invalid),
    .init("arrays nested five deep", .tooLarge) { $0.set("s.deep", nest(5)) },
    .init("arrays nested a thousand deep", .tooLarge) { $0.set("s.deep", nest(1_000)) },
    .init("an array over the limit", .tooLarge) {
      $0.set(
        "s.many", .raw(type: 9, [0, 0, 0, 0] + little(64 << 20 + 1) + [UInt8](repeating: 0, count: 65 << 20)))
    },
    .init("strings that take more memory than allowed", .tooLarge) {
      let count = 1_600_000
      let empty = [UInt8](repeating: 0, count: 8 * count)
      $0.set("s.many", .raw(type: 9, [8, 0, 0, 0] + little(UInt64(count)) + empty))
    },
  ]

  static let alignments: [Malformed] = [
    .init("metadata[general.alignment].value", 0, .invalid),
    .init("metadata[general.alignment].value", 3, .invalid),
    .init("metadata[general.alignment].value", 33, .invalid),
    .init("metadata[general.alignment].value", 1 << 22, .tooLarge),
    .init("metadata[general.alignment].value", 1 << 31, .tooLarge),
    .init("metadata[general.alignment].value", 0xFFFF_FFFF, .invalid),
    .init("an alignment of 2^63", .invalid) { $0.set("general.alignment", .uint64(1 << 63)) },
    .init("a signed alignment", .invalid) { $0.set("general.alignment", .int32(-32)) },
    .init("an alignment in words", .invalid) { $0.set("general.alignment", .string("32")) },
    .init("an alignment of 1 that leaves floats crooked", .invalid) {
      $0.set("general.alignment", .uint32(1))
      $0.alignment = 1
      $0.tensors = [
        .init("x", shape: [1], type: 0, data: [0, 0, 0, 0], offset: 1),
        .init("y", shape: [1], type: 0, data: [0, 0, 0, 0], offset: 6),
      ]
    },
  ]

  static let directories: [Malformed] = [
    .init("tensor[q].name.length", 0, .invalid),
    .init("tensor[q].name.length", 1 << 40, .truncated),
    .init("tensor[q].name.length", .max, .truncated),
    .init("a name over the limit", .tooLarge) { $0.tensors[0].name = [UInt8](repeating: 0x61, count: 65) },
    .init("a name that is not UTF-8", .invalid) { $0.tensors[0].name = [0x61, 0xC3] },
    .init("a name twice", .invalid) { $0.tensors[1].name = $0.tensors[0].name },
    .init("tensor[q].rank", 5, .invalid),
    .init("tensor[q].rank", 1 << 31, .invalid),
    .init("tensor[q].rank", 0xFFFF_FFFF, .invalid),
    .init("tensor[a].dimension[1]", 0, .invalid),
    .init("tensor[a].dimension[1]", 1 << 63, .invalid),
    .init("tensor[a].dimension[1]", .max, .invalid),
    .init("tensor[a].dimension[1]", 1 << 62, .tooLarge),
    .init("tensor[a].dimension[1]", 1 << 60, .tooLarge),
    .init("tensor[a].dimension[1]", 1 << 40, .truncated),
    .init("tensor[q].dimension[0]", 33, .invalid),
    .init("tensor[q].dimension[0]", 1, .invalid),
    .init("values that wrap around to none", .tooLarge) { $0.tensors[0].shape = [1 << 32, 1 << 32] },
    .init("bytes that wrap around to few", .tooLarge) {
      $0.tensors[0].shape = [4, (1 << 30) - 1, (1 << 30) + 1]
    },
    .init("four dimensions that wrap around", .tooLarge) {
      $0.tensors[0].shape = [1 << 16, 1 << 16, 1 << 16, 1 << 16]
    },
    .init("sizes whose sum wraps around", .truncated) {
      $0.tensors[0].shape = [0x1FFF_FFFF_FFFF_FFF0]
      $0.tensors[1] = .init("z", shape: [0x1FFF_FFFF_FFFF_FFF0], type: 0, data: [])
    },
    .init("tensor[a].type", 4, .unsupportedType),
    .init("tensor[a].type", 16, .unsupportedType),
    .init("tensor[a].type", 34, .unsupportedType),
    .init("tensor[a].type", 41_000, .unsupportedType),
    .init("tensor[a].type", 0x7FFF_FFFF, .unsupportedType),
    .init("tensor[a].type", 0xFFFF_FFFF, .unsupportedType),
    .init("tensor[a].type", 12, .invalid),
  ]

  static let places: [Malformed] = [
    .init("tensor[q].offset", 65, .invalid),
    .init("tensor[q].offset", 1, .invalid),
    .init("tensor[h].offset", 1 << 20, .truncated),
    .init("tensor[h].offset", 1 << 62, .truncated),
    .init("tensor[h].offset", 1 << 63, .truncated),
    .init("tensor[h].offset", .max - 31, .truncated),
    .init("tensor[h].offset", 0x7FFF_FFFF_FFFF_FFC0, .truncated),
    .init("tensor[h].offset", 0, .invalid),
    .init("tensor[a].offset", 64, .invalid),
    .init("tensor[q].offset", 32, .invalid),
    .init("no data", .truncated, headerOnly()),
    .init("data one byte short", .truncated, oneByteShort()),
  ]

  static let splits: [Malformed] = [
    .init("a part under the wrong name", .invalid) {
      $0.set("split.count", .uint16(2))
      $0.set("split.no", .uint16(0))
    },
    .init("a part beyond the last", .invalid) {
      $0.set("split.count", .uint16(2))
      $0.set("split.no", .uint16(2))
    },
    .init("a part without a number", .invalid) { $0.set("split.count", .uint16(2)) },
    .init("more parts than the limit", .invalid) { $0.set("split.count", .uint16(65_535)) },
    .init("fewer parts than none", .invalid) { $0.set("split.count", .int64(-1)) },
    .init("a number of parts in words", .invalid) { $0.set("split.count", .string("2")) },
  ]

  private static func nest(_ depth: Int) -> GGUFWriter.Value {
    (1..<depth).reduce(.int32s([1])) { inner, _ in .array(type: 9, [inner]) }
  }

  private static func little(_ value: UInt64) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { [UInt8]($0) }
  }

  private static func headerOnly() -> [UInt8] {
    let image = sample().image()
    return Array(image.bytes.prefix(image.field("tensor[h]")?.range.upperBound ?? 0))
  }

  private static func oneByteShort() -> [UInt8] {
    let image = sample().image()
    return Array(image.bytes.prefix((image.field("tensor[h].data")?.range.upperBound ?? 0) - 1))
  }
}
