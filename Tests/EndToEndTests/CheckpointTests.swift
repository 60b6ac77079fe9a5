import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Folders as the Hugging Face hub holds models", .serialized)
struct CheckpointTests {
  @Test("A folder loads by the client, chats and is shown", arguments: TinyCheckpoint.Weights.allCases)
  func load(weights: TinyCheckpoint.Weights) async throws {
    let daemon = try await TestDaemon()
    let path = daemon.folder.file("tiny-mistral")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    var checkpoint = TinyCheckpoint()
    checkpoint.weights = weights
    try checkpoint.write(to: path)
    func client(_ arguments: [String]) async throws -> (status: Int32, output: String, error: String) {
      try await run(Products.url("workbench"), arguments + ["--address", daemon.socket])
    }
    let loaded = try await client(["load", path])
    #expect(loaded.status == 0 && loaded.output.contains("loaded tiny-mistral: F32"), "\(loaded)")
    let chat = try await client([
      "chat", "tiny-mistral", "hello", "--max-tokens", "4", "--seed", "1", "--json",
    ])
    #expect(chat.status == 0 && chat.output.contains("\"temperature\""), "\(chat)")
    var request = ProtoGetModelRequest()
    request.name = "tiny-mistral"
    let shown = try await daemon.channel.unary(ModelsMethods.get, request)
    #expect(shown.model.tokenizer == "tokenizer.json/BPE")
    #expect(shown.metadata["general.sampling.temp"] == "0.75")
  }

  @Test("A folder becomes a GGUF file by the client, which says what the file leaves out") func convert()
    async throws
  {
    let daemon = try await TestDaemon()
    let path = daemon.folder.file("tiny-mistral")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    try TinyCheckpoint().write(to: path)
    let output = daemon.folder.file("new.gguf")
    func client(_ arguments: [String]) async throws -> (status: Int32, output: String, error: String) {
      try await run(Products.url("workbench"), arguments + ["--address", daemon.socket])
    }
    let converted = try await client(["convert", path, output, "--type", "f32"])
    #expect(
      converted.status == 0 && converted.output.contains("note: each token sees 64 positions"), "\(converted)"
    )
    try await daemon.load(path, name: "folder")
    try await daemon.load(output, name: "file")
    let answers = try await [daemon.generate("folder", "hello"), daemon.generate("file", "hello")]
    #expect(answers[0].ids == answers[1].ids && !answers[0].ids.isEmpty)
    try FileManager.default.removeItem(atPath: path + "/tokenizer.json")
    let refused = try await client(["convert", path, daemon.folder.file("other.gguf"), "--type", "f16"])
    #expect(refused.status != 0 && refused.error.contains("it needs one of tokenizer.json"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: daemon.folder.file("other.gguf")))
  }

  /// A checkpoint as the hub's cache has it, whose files are links; gives the folder of the links.
  private func cache(in folder: TemporaryFolder, blobs: String) throws -> String {
    let snapshot = folder.file("models--o--tiny/snapshots/0123")
    for path in [blobs, snapshot] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    try TinyCheckpoint().write(to: blobs)
    for name in try FileManager.default.contentsOfDirectory(atPath: blobs) {
      try FileManager.default.createSymbolicLink(
        atPath: snapshot + "/" + name, withDestinationPath: blobs + "/" + name)
    }
    return snapshot
  }

  @Test("The hub's cache, whose files are links, loads") func cache() async throws {
    let daemon = try await TestDaemon()
    let snapshot = try cache(in: daemon.folder, blobs: daemon.folder.file("models--o--tiny/blobs"))
    try await daemon.load(snapshot, name: "m")
    #expect(try await daemon.generate("m", "go on").finish != nil)
    #expect(try await daemon.model("m").title == "tiny")
  }

  @Test("For who may name files in some folders only, links that stay in them are followed, others are not")
  func limited() async throws {
    let folder = try TemporaryFolder()
    let outside = try TemporaryFolder()
    let created = try await run(
      Products.url("workbench"),
      ["token", "create", "u", "--role", "use", "--tokens-file", folder.file("tokens")])
    let token = try folder.write("u", Array(created.output.utf8))
    let (inside, other) = (folder.file("inside"), folder.file("other"))
    for path in [inside, other] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    let daemon = try await TestDaemon([
      "--listen", "127.0.0.1:0", "--insecure-listen", "--tokens", folder.file("tokens"), "--model-folder",
      inside,
      "--model-folder", other,
    ])
    let address = try #require(try await daemon.status().addresses.last)
    func load(_ path: String, _ name: String) async throws -> (status: Int32, output: String, error: String) {
      try await run(
        Products.url("workbench"),
        ["load", path, "--name", name, "--address", address, "--token-file", token])
    }
    let snapshot = try cache(in: folder, blobs: folder.file("inside/blobs"))
    try FileManager.default.moveItem(
      atPath: folder.file("models--o--tiny"), toPath: inside + "/models--o--tiny")
    let moved = inside + snapshot.dropFirst(folder.path.count)
    let loaded = try await load(moved, "a")
    #expect(loaded.status == 0, "\(loaded.error)")
    let escaping = try cache(in: folder, blobs: outside.file("blobs"))
    try FileManager.default.moveItem(
      atPath: folder.file("models--o--tiny"), toPath: other + "/models--o--tiny")
    let refused = try await load(other + escaping.dropFirst(folder.path.count), "b")
    #expect(refused.status != 0 && refused.error.contains("symbolic link"), "\(refused.error)")
  }

  @Test("A hostile pickle is refused by name and ends nothing") func pickle() async throws {
    let daemon = try await TestDaemon()
    var pickle = PickleText()
    pickle.global("os", "system")
    pickle.text("touch effect")
    pickle.raw([0x85, UInt8(ascii: "R")])
    try daemon.folder.write("pytorch_model.bin", TorchImage(pickle: pickle.bytes).bytes)
    try daemon.folder.write("config.json", Array(TinyCheckpoint().files["config.json", default: ""].utf8))
    let error = await failure { _ = try await daemon.load(daemon.folder.path, name: "m") }
    #expect(error?.code == .invalidArgument && error?.message.contains("'os.system'") == true)
    #expect(try await !daemon.status().version.isEmpty)
  }
}
