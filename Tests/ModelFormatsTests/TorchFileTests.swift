import TestSupport
import Testing

@testable import ModelFormats

@Suite("PyTorch files")
struct TorchFileTests {
  static func read(_ bytes: [UInt8]) throws -> Result<[StoredTensor], ModelFormatError> {
    let folder = try TemporaryFolder(inMemory: true)
    let path = try folder.write("pytorch_model.bin", bytes)
    do throws(ModelFormatError) {
      return .success(try TorchFile.read(try MappedFile(path: path)))
    } catch {
      return .failure(error)
    }
  }

  /// A file with one tensor.
  private func one(_ write: (inout PickleText) -> Void) -> TorchImage {
    var pickle = PickleText()
    pickle.raw(Array("}".utf8))
    pickle.text("w")
    write(&pickle)
    pickle.raw(Array("s".utf8))
    return TorchImage(pickle: pickle.bytes, storages: [[UInt8](repeating: 1, count: 48)])
  }

  @Test("Tensors lie in their storages, at their offsets, and may share") func right() throws {
    var pickle = PickleText()
    pickle.raw(Array("}(".utf8))
    pickle.text("a")
    pickle.tensor(key: "0", shape: [2, 3], count: 12)
    pickle.text("b")
    pickle.tensor(key: "0", shape: [3, 1, 2], strides: [2, 77, 1], offset: 6, count: 12)
    pickle.text("c")
    pickle.tensor(key: "0", shape: [], offset: 11, count: 12, type: "FloatStorage")
    pickle.text("d")
    pickle.tensor(key: "0", shape: [4], count: 24, type: "BFloat16Storage")
    pickle.text("e")
    pickle.tensor(key: "0", shape: [6], count: 6, type: "LongStorage")
    pickle.raw(Array("u".utf8))
    let data = (0..<48).map { UInt8($0) }
    let found = try Self.read(TorchImage(pickle: pickle.bytes, storages: [data]).bytes).get()
    #expect(found.map(\.name) == ["a", "b", "c", "d", "e"])
    #expect(found.map(\.byteCount) == [24, 24, 4, 8, 48])
    #expect(found.map { $0.offset - found[0].offset } == [0, 24, 44, 0, 0])
    #expect(found.map(\.type) == [.f32, .f32, .f32, .bf16, nil])
    let first = found[0].file.withBytes { $0[found[0].offset + 24] }
    #expect(first == 24)
  }

  @Test("Sizes in the 64-bit extension are read") func wide() throws {
    var image = one { $0.tensor(key: "0", shape: [12]) }
    for index in image.entries.indices { image.entries[index].isWide = true }
    #expect(try Self.read(image.bytes).get().map(\.byteCount) == [48])
  }

  @Test("A tensor outside its storage, or with gaps, is refused") func places() throws {
    let cases: [(text: String, image: TorchImage)] = [
      ("begins at number 1", one { $0.tensor(key: "0", shape: [12], offset: 1, count: 12) }),
      ("begins at number 0", one { $0.tensor(key: "0", shape: [13], count: 12) }),
      ("storage of 13", one { $0.tensor(key: "0", shape: [12], count: 13) }),
      ("has strides", one { $0.tensor(key: "0", shape: [3, 4], strides: [1, 3]) }),
      ("has strides", one { $0.tensor(key: "0", shape: [3, 4], strides: [0, 0]) }),
      (
        "has strides",
        one { $0.tensor(key: "0", shape: [2_147_483_647, 2_147_483_647, 4], strides: [4, 4, 1], count: 12) }
      ),
      ("without storage", one { $0.tensor(key: "0", shape: [-1, 4], strides: [4, 1], count: 12) }),
      ("without storage", one { $0.tensor(key: "0", shape: [3, 4], strides: [1], count: 12) }),
      ("without storage", one { $0.tensor(key: "0", shape: [1], offset: -1, count: 12) }),
      ("not a storage", one { $0.tensor(key: "0", shape: [1], count: -1) }),
      ("no such file", one { $0.tensor(key: "1", shape: [12]) }),
      ("no such file", one { $0.tensor(key: "../data.pkl", shape: [1]) }),
    ]
    for (text, image) in cases {
      let error = try #require(Self.read(image.bytes).failure)
      #expect(error.kind == .invalid && "\(error)".contains(text), "\(error)")
    }
  }

  @Test("An archive that lies, explodes or is encrypted is refused") func archives() throws {
    let right = one { $0.tensor(key: "0", shape: [12]) }
    func changed(_ change: (inout TorchImage) -> Void) -> [UInt8] {
      var image = right
      change(&image)
      return image.bytes
    }
    let cases: [(ModelFormatError.Kind, String, [UInt8])] = [
      (.unsupported, "is compressed", changed { $0.entries[2].method = 8 }),
      (
        .unsupported, "is compressed",
        changed {
          $0.entries[2].method = 8; $0.entries[2].size = 1 << 31
        }
      ),
      (.truncated, "cut short", changed { $0.entries[2].size = 1 << 20 }),
      (
        .truncated, "cut short",
        changed {
          $0.entries[2].size = .max; $0.entries[2].isWide = true
        }
      ),
      (.invalid, "two entries", changed { $0.entries.append($0.entries[2]) }),
      (.invalid, "no data.pkl", changed { $0.entries.removeFirst() }),
      (.unsupported, "TorchScript", changed { $0.entries.append(.init("archive/constants.pkl", [])) }),
      (.unsupportedVersion, "little-endian", changed { $0.entries[1].data = Array("big".utf8) }),
      (.invalid, "overlaps", changed { $0.entries[1].size = 60 }),
      (.truncated, "cut short", Array(right.bytes.dropLast())),
      (.truncated, "cut short", Array(right.bytes.prefix(10))), (.truncated, "cut short", []),
    ]
    for (kind, text, bytes) in cases {
      let error = try #require(Self.read(bytes).failure)
      #expect(error.kind == kind && error.message.contains(text), "\(error)")
    }
  }

  @Test("A pickle that ends early, nests deep or holds itself ends in an error or in tensors") func shapes()
    throws
  {
    func result(_ pickle: [UInt8]) throws -> Result<[StoredTensor], ModelFormatError> {
      try Self.read(TorchImage(pickle: pickle).bytes)
    }
    let deep =
      [0x80, 2] + [UInt8](repeating: UInt8(ascii: ")"), count: 1) + [UInt8](repeating: 0x85, count: 900_000)
    #expect(try result(deep + Array(".".utf8)).failure?.kind == .invalid)
    // A list in itself, and a dictionary in itself.
    #expect(try result([0x80, 2] + Array("]q\u{0}h\u{0}a.".utf8)).failure?.kind == .invalid)
    #expect(try result([0x80, 2] + Array("}q\u{0}X\u{1}\u{0}\u{0}\u{0}ah\u{0}s.".utf8)).get().isEmpty)
    let many = [0x80, 2] + [UInt8](repeating: UInt8(ascii: "N"), count: (1 << 20) + 1)
    #expect(try result(many + Array(".".utf8)).failure?.kind == .tooLarge)
    let whole = one { $0.tensor(key: "0", shape: [12]) }.entries[0].data
    for count in 0..<whole.count {
      #expect(try result(Array(whole.prefix(count))).failure != nil, "\(count)")
    }
  }
}
