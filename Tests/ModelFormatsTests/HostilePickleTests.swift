import Foundation
import ModelFormats
import TestSupport
import Testing

@Suite("Pickles that ask for more than tensors")
struct HostilePickleTests {
  /// Names to pickles in hexadecimal digits, which `make_hostile_pickles.py` wrote and ran under Python.
  private static let pickles: [String: String] = {
    let data = try? Data(contentsOf: URL(fileURLWithPath: fixture("hostile_pickles.json")))
    return data.flatMap { try? JSONDecoder().decode([String: String].self, from: $0) } ?? [:]
  }()

  private static func bytes(_ digits: String) -> [UInt8] {
    let digits = Array(digits)
    return stride(from: 0, to: digits.count - 1, by: 2).compactMap {
      UInt8(String(digits[$0...$0 + 1]), radix: 16)
    }
  }

  @Test("There are enough of them") func count() {
    #expect(Self.pickles.count >= 60)
  }

  @Test(
    "Each is refused, alone or with tensors before it, and has no effect", arguments: pickles.keys.sorted())
  func refused(name: String) throws {
    let pickle = Self.bytes(try #require(Self.pickles[name]))
    let checkpoint = TinyCheckpoint()
    var tensors = PickleText()
    tensors.dictionary(checkpoint.tensors().enumerated().map { ($1.name, "\($0)", $1.shape) })
    let storages = checkpoint.tensors().map(\.data)
    // The attack as a further item of the dictionary: behind its key, without its own version and end.
    let start = pickle.first == 0x80 ? 2 : 0
    var behind = Array(tensors.bytes.dropLast())
    behind += [UInt8(ascii: "X"), 1, 0, 0, 0, 0x78] + pickle[start...].dropLast() + Array("s.".utf8)
    for attack in [pickle, behind] {
      let folder = try TemporaryFolder(inMemory: true)
      try checkpoint.write(to: folder.path)
      try FileManager.default.removeItem(atPath: folder.file("model.safetensors"))
      try folder.write("pytorch_model.bin", TorchImage(pickle: attack, storages: storages).bytes)
      let error = try #require(open(folder.path).failure)
      #expect([.unsupported, .invalid, .truncated].contains(error.kind), "\(error)")
      #expect(error.path.hasSuffix("pytorch_model.bin") && error.offset != nil, "\(error)")
    }
    #expect(!FileManager.default.fileExists(atPath: "effect"))
  }

  @Test("What is asked for is named") func names() throws {
    let folder = try TemporaryFolder(inMemory: true)
    try folder.write("config.json", Array(TinyCheckpoint().files["config.json", default: ""].utf8))
    var pickle = PickleText()
    pickle.global("os", "system")
    try folder.write("pytorch_model.bin", TorchImage(pickle: pickle.bytes).bytes)
    let error = try #require(open(folder.path).failure)
    #expect(error.kind == .unsupported && error.message == "the pickle asks for 'os.system'")
    #expect(error.expected.contains("safetensors"))
  }
}
