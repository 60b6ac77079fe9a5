import Foundation
import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Conversions over the API") struct ConversionTests {
  @Test("A conversion reports progress, then a file that can be loaded", arguments: TestDaemon.Depth.allCases)
  func convert(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      try TinyModel.write(to: daemon.folder.file("m.gguf"))
      let events = try await daemon.all(ModelsMethods.convert, request(daemon))
      let total = try #require(events.first).progress.bytesTotal
      #expect(events.dropLast().allSatisfy { $0.progress.bytesTotal == total })
      let result = try #require(events.last).result
      #expect(result.output == daemon.folder.file("new.gguf") && result.bytes == total)
      #expect(result.shares.first?.type == "Q8_0" && result.requantized == 0)
      #expect(try names(in: daemon.folder) == ["m.gguf", "new.gguf"])
      let size = try FileManager.default.attributesOfItem(atPath: result.output)[.size] as? UInt64
      #expect(size == total)
      let load = try await daemon.all(ModelsMethods.load, .with { $0.path = result.output })
      #expect(load.last?.model.quantization == "Q8_0")
      // The worker that converted is gone.
      #expect(daemon.launcher.workers.first?.isAlive == false)
    }
  }

  @Test("Without weights, the vocabulary is written alone")
  func tokenizerOnly() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      try TinyModel.write(to: daemon.folder.file("m.gguf"))
      let events = try await daemon.all(
        ModelsMethods.convert,
        request(daemon) {
          $0.type = ""
          $0.tokenizerOnly = true
        })
      #expect(events.last?.result.shares.isEmpty == true)
      let tokens = try await daemon.channel.unary(
        TokenizersMethods.tokenize,
        .with {
          $0.tokenizer = daemon.folder.file("new.gguf")
          $0.text = Data("hello".utf8)
        })
      #expect(!tokens.tokens.isEmpty)
    }
  }

  @Test("A refused conversion names the field, and leaves nothing behind")
  func refused() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      try TinyModel.write(to: daemon.folder.file("m.gguf"))
      try daemon.folder.write("notes.gguf", Array("some notes".utf8))
      try daemon.folder.write("noise", Array("not a model".utf8))
      let wrong: [(String, StatusCode, @Sendable (inout ProtoConvertModelRequest) -> Void)] = [
        ("path", .invalidArgument, { $0.path = "" }), ("path", .notFound, { $0.path = "/no/such/file" }),
        ("path", .invalidArgument, { $0.path = daemon.folder.file("noise") }),
        ("output", .invalidArgument, { $0.output = "new.gguf" }),
        ("output", .invalidArgument, { $0.output = daemon.folder.file("new.bin") }),
        ("output", .notFound, { $0.output = daemon.folder.file("missing/new.gguf") }),
        ("output", .alreadyExists, { $0.output = daemon.folder.file("m.gguf") }),
        (
          "output", .invalidArgument,
          {
            $0.output = daemon.folder.file("notes.gguf")
            $0.replace = true
          }
        ),
        ("type", .invalidArgument, { $0.type = "q3_k" }), ("type", .invalidArgument, { $0.type = "" }),
        ("type", .invalidArgument, { $0.tokenizerOnly = true }),
      ]
      for (field, code, change) in wrong {
        let status = await daemon.streamStatus(ModelsMethods.convert, request(daemon, change))
        #expect(status?.code == code && status?.field == field, "\(String(describing: status))")
        #expect(try names(in: daemon.folder) == ["m.gguf", "noise", "notes.gguf"])
      }
    }
  }

  @Test(
    "A folder of the hub becomes a file that can be loaded; one with a fault is refused and leaves nothing behind"
  )
  func folders() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      func convert(
        _ change: (inout TinyCheckpoint) -> Void = { _ in }, _ files: [String: String?] = [:]
      ) async throws -> RPCError? {
        let folder = daemon.folder.file("hub")
        try? FileManager.default.removeItem(atPath: folder)
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
        var checkpoint = TinyCheckpoint()
        change(&checkpoint)
        try checkpoint.write(to: folder)
        for (name, text) in files {
          try? FileManager.default.removeItem(atPath: folder + "/" + name)
          if let text { try daemon.folder.write("hub/" + name, Array(text.utf8)) }
        }
        return await daemon.streamStatus(ModelsMethods.convert, request(daemon) { $0.path = folder })
      }
      let faults: [(text: String, checkpoint: (inout TinyCheckpoint) -> Void, files: [String: String?])] = [
        ("hub: the folder has no config.json", { _ in }, ["config.json": nil]),
        ("config.json: model_type is 'gpt9'", { $0.config["model_type"] = #""gpt9""# }, [:]),
        ("hub: the folder has no weights", { _ in }, ["model.safetensors": nil]),
        ("model.safetensors", { _ in }, ["model.safetensors": "cut"]),
        (
          "model-00002-of-00002.safetensors: no such file", { $0.weights = .safeTensorsShards },
          ["model-00002-of-00002.safetensors": nil]
        ),
        ("pytorch_model.bin", { $0.weights = .torch }, ["pytorch_model.bin": "cut"]),
        ("tokenizer.json: it has 286 tokens", { $0.config["vocab_size"] = "285" }, [:]),
        ("generation_config.json", { _ in }, ["generation_config.json": #"{"temperature":"hot"}"#]),
        ("tokenizer_config.json", { _ in }, ["tokenizer_config.json": "{"]),
        ("it needs one of tokenizer.json", { _ in }, ["tokenizer.json": nil]),
        ("tokenizer.json", { _ in }, ["tokenizer.json": #"{"model":{"type":"Unigram","vocab":[]}}"#]),
      ]
      for fault in faults {
        let error = try await convert(fault.checkpoint, fault.files)
        #expect(error?.code == .invalidArgument || error?.code == .notFound, "\(fault.text)")
        #expect(error?.message.contains(fault.text) == true, "\(fault.text): \(String(describing: error))")
        #expect(try names(in: daemon.folder) == ["hub"])
      }
      #expect(try await convert() == nil)
      #expect(try names(in: daemon.folder) == ["hub", "new.gguf"])
      let load = try await daemon.all(ModelsMethods.load, .with { $0.path = daemon.folder.file("new.gguf") })
      #expect(load.last?.model.quantization == "Q8_0")
    }
  }

  @Test("A weight that is not a number is an error that names the tensor, and leaves nothing behind")
  func unfit() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      var writer = TinyModel().writer()
      let index = try #require(writer.tensors.firstIndex { $0.name == Array("blk.1.ffn_up.weight".utf8) })
      writer.tensors[index].data.replaceSubrange(0..<4, with: [0, 0, 0xc0, 0x7f])
      try daemon.folder.write("m.gguf", writer.image().bytes)
      let status = await daemon.streamStatus(ModelsMethods.convert, request(daemon))
      #expect(status?.code == .invalidArgument)
      #expect(status?.message.contains("tensor blk.1.ffn_up.weight is nan at row 0, column 0") == true)
      #expect(try names(in: daemon.folder) == ["m.gguf"])
    }
  }

  @Test("An existing model is replaced only on request, and stays when the conversion fails")
  func replaces() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      let path = daemon.folder.file("m.gguf")
      try TinyModel.write(to: path)
      let before = try Data(contentsOf: URL(fileURLWithPath: path))
      let inPlace: @Sendable (inout ProtoConvertModelRequest) -> Void = {
        $0.output = path
        $0.replace = true
      }
      let wrong = await daemon.streamStatus(
        ModelsMethods.convert,
        request(daemon) {
          inPlace(&$0)
          $0.type = "q3_k"
        })
      #expect(wrong?.code == .invalidArgument)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
      let events = try await daemon.all(ModelsMethods.convert, request(daemon, inPlace))
      #expect(events.last?.result.output == path)
      #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count < before.count)
      #expect(try names(in: daemon.folder) == ["m.gguf"])
    }
  }

  @Test("An exported tokenizer encodes as the model's own does")
  func export() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await daemon.load()
      let files = try await daemon.channel.unary(TokenizersMethods.export, .with { $0.model = "tiny" }).files
      #expect(files.map(\.name) == ["tokenizer.json", "tokenizer_config.json"])
      for file in files { try daemon.folder.write(file.name, Array(file.content)) }
      let text = Data("Hello, wörld! 안녕 \n\n x".utf8)
      let own = try await daemon.channel.unary(
        TokenizersMethods.tokenize,
        .with {
          $0.model = "tiny"
          $0.text = text
        })
      let exported = try await daemon.channel.unary(
        TokenizersMethods.tokenize,
        .with {
          $0.tokenizer = daemon.folder.file("tokenizer.json")
          $0.text = text
        })
      #expect(exported.tokens.map(\.id) == own.tokens.map(\.id))
      let missing = await daemon.status(TokenizersMethods.export, .with { $0.model = "none" })
      #expect(missing?.code == .notFound)
    }
  }

  private func request(
    _ daemon: TestDaemon, _ change: (inout ProtoConvertModelRequest) -> Void = { _ in }
  ) -> ProtoConvertModelRequest {
    .with {
      $0.path = daemon.folder.file("m.gguf")
      $0.output = daemon.folder.file("new.gguf")
      $0.type = "q8_0"
      change(&$0)
    }
  }

  private func names(in folder: TemporaryFolder) throws -> [String] {
    // "s" and what is named after it belong to the socket.
    try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { !$0.hasPrefix("s") }
      .sorted()
  }
}
