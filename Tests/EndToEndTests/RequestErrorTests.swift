import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Requests that are wrong", .serialized)
struct RequestErrorTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: StatusCode
    /// What the message must name.
    let names: [String]
    let request: @Sendable (inout ProtoGenerateRequest) -> Void

    init(
      _ description: String, _ code: StatusCode, names: [String],
      _ request: @escaping @Sendable (inout ProtoGenerateRequest) -> Void
    ) {
      testDescription = description
      self.code = code
      self.names = names
      self.request = request
    }
  }

  static let cases: [Case] = [
    Case("unknown model", .notFound, names: ["nobody", "loaded: m"]) { $0.model = "nobody" },
    Case("temperature below 0", .invalidArgument, names: ["temperature"]) {
      $0.options.sampling.temperature = -1
    },
    Case("temperature is no number", .invalidArgument, names: ["temperature"]) {
      $0.options.sampling.temperature = .nan
    },
    Case("top_p above 1", .invalidArgument, names: ["top_p"]) {
      $0.options.sampling.temperature = 1
      $0.options.sampling.topP = 1.5
    },
    Case("unknown setting", .invalidArgument, names: ["temprature", "temperature"]) {
      $0.options.sampling.other = ["temprature": 1]
    },
    Case("unknown stage", .invalidArgument, names: ["top_q", "top_"]) {
      var stage = ProtoSamplerStage()
      stage.name = "top_q"
      $0.options.sampling.clearTemperature()
      $0.options.sampling.chain = [stage]
    },
    Case("unknown preset", .notFound, names: ["synthya", "available: default, synthia"]) {
      $0.options.preset = "synthya"
    },
    Case("preset beside a whole chain", .invalidArgument, names: ["preset", "synthia", "chain"]) {
      $0.options.preset = "synthia"
      $0.options.sampling.clearTemperature()
      var stage = ProtoSamplerStage()
      stage.name = "greedy"
      $0.options.sampling.chain = [stage]
    },
    Case("value that the preset's chain does not read", .invalidArgument, names: ["dry_multiplier"]) {
      $0.options.preset = "synthia"
      $0.options.sampling.other = ["dry_multiplier": 1]
    },
    Case("empty sequence breaker", .invalidArgument, names: ["dry_sequence_breakers[1]", "1 to 40"]) {
      $0.options.sampling.drySequenceBreakers.texts = [":", ""]
    },
    Case("sequence breakers that no stage reads", .invalidArgument, names: ["dry_sequence_breakers"]) {
      $0.options.sampling.order = ["temperature"]
      $0.options.sampling.drySequenceBreakers.texts = [":"]
    },
    Case("no tokens wanted", .invalidArgument, names: ["max_tokens"]) { $0.options.maxTokens = 0 },
    Case("too many alternatives", .invalidArgument, names: ["20"]) { $0.options.topLogprobs = 21 },
    Case("empty stop text", .invalidArgument, names: ["stop"]) { $0.options.stop = [""] },
    Case("token outside the vocabulary", .invalidArgument, names: ["999999"]) {
      $0.tokens.ids = [1, 999_999]
    },
    Case("token that no vocabulary has", .invalidArgument, names: ["4294967295"]) { $0.tokens.ids = [.max] },
    Case("no prompt", .invalidArgument, names: ["prompt"]) { $0.prompt = nil },
    Case("prompt without tokens", .invalidArgument, names: ["no tokens"]) { $0.tokens = ProtoTokenIDs() },
    Case("bias of a token outside the vocabulary", .invalidArgument, names: ["logit_bias"]) {
      $0.options.sampling.logitBias = [999_999: 1]
    },
  ]

  @Test("each gets a typed error that says what and where", arguments: cases)
  func refused(_ wrong: Case) async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf"))
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    var request = ProtoGenerateRequest.continuing("ab", of: "m")
    wrong.request(&request)
    let error = await #expect(throws: RPCError.self) {
      for try await _ in try await daemon.channel.serverStreaming(GenerationMethods.generate, request) {}
    }
    #expect(error?.code == wrong.code, "\(error?.message ?? "")")
    for name in wrong.names {
      #expect(error?.message.contains(name) == true, "\(error?.message ?? "")")
    }
    #expect(try await daemon.generate("m", "ab").finish != nil)
  }

  @Test("an unknown cache type is refused with the names that exist")
  func cacheTypes() async throws {
    let daemon = try await TestDaemon()
    let path = daemon.folder.file("m.gguf")
    try TinyModel.write(to: path)
    let error = await #expect(throws: RPCError.self) {
      _ = try await daemon.load(path, name: "m") { $0.cacheType = "f8" }
    }
    #expect(error?.code == .invalidArgument, "\(error?.message ?? "")")
    for word in ["f8", "f16 or f32"] {
      #expect(error?.message.contains(word) == true, "\(error?.message ?? "")")
    }
    #expect(try await daemon.load(path, name: "m").cacheType == "f32")
  }

  @Test("unknown templates and chats without any are refused with the names there are")
  func templates() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf"))
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    var request = ProtoChatRequest()
    request.model = "m"
    request.messages = [.user("Hi")]
    request.options.maxTokens = 4
    func chat() async throws {
      for try await _ in try await daemon.channel.serverStreaming(GenerationMethods.chat, request) {}
    }
    let none = await #expect(throws: RPCError.self) { try await chat() }
    #expect(none?.code == .failedPrecondition && none?.message.contains("chatml") == true)
    request.template = "chatlm"
    let unknown = await #expect(throws: RPCError.self) { try await chat() }
    #expect(unknown?.code == .notFound && unknown?.message.contains("chatml") == true)
    request.template = "chatml"
    try await chat()
    request.toolsJson = "[{"
    let tools = await #expect(throws: RPCError.self) { try await chat() }
    #expect(tools?.code == .invalidArgument && tools?.message.contains("tools") == true)
  }
}
