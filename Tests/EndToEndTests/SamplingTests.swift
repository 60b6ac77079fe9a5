import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Sampling of a daemon", .serialized)
struct SamplingTests {
  @Test("a trace changes no token and comes only when it is asked for")
  func trace() async throws {
    let daemon = try await withModel()
    let plain = try await tokens(daemon) { $0.options.trace = false }
    let traced = try await tokens(daemon) { $0.options.trace = true }
    #expect(plain.tokens.map(\.id) == traced.tokens.map(\.id) && plain.tokens.count == 24)
    #expect(plain.tokens.allSatisfy { !$0.hasTrace })
    for token in traced.tokens {
      #expect(
        token.trace.stages.map(\.name) == ["penalties", "top_k", "top_p", "min_p", "temperature", "dist"])
      #expect(token.trace.likeliest.count == 5)
      let model = try #require(token.trace.stages.first?.before)
      let end = try #require(token.trace.stages.last?.after)
      #expect(model.candidates >= TinyVocabulary.leastCount && model.hasRank && model.entropy > 0)
      #expect(end.hasRank && end.probability > 0 && end.candidates <= 40)
    }
  }

  @Test("the token that ends a turn has its trace in the finish")
  func endTrace() async throws {
    let daemon = try await withModel()
    let answer = try await tokens(daemon) { request in
      request.options.trace = true
      request.options.ignoreEnd = false
      request.options.sampling.logitBias = [UInt32(TinyVocabulary.eos): 1000]
    }
    #expect(answer.tokens.isEmpty && answer.finish.reason == .end)
    #expect(answer.finish.trace.stages.map(\.name).first == "logit_bias")
    #expect(answer.finish.trace.stages.last?.after.rank == 1)
  }

  @Test("a preset gives a request its chain, and what the request says comes over it")
  func preset() async throws {
    let folder = try TemporaryFolder()
    try folder.write("mine.preset.yaml", Array("description: Mine\norder: [top_k, xtc]\ntop_k: 3".utf8))
    try folder.write("wrong.preset.yaml", Array("top_kk: 3".utf8))
    let daemon = try await withModel(["--plugin-dir", folder.path])
    let list = try await daemon.channel.unary(SamplersMethods.list, ProtoListSamplersRequest())
    #expect(list.presets.map(\.name) == ["mine", "default", "synthia", "synatra"])
    #expect(list.presets.map(\.origin) == ["plugin", "built-in", "built-in", "built-in"])
    #expect(list.presets.first?.summary == "Mine" && list.presets.first?.order == ["top_k", "xtc"])
    let synthia = try #require(list.presets.first { $0.name == "synthia" })
    #expect(synthia.profile == "transformers")
    #expect(synthia.values == ["temperature": "0.75", "top_k": "50", "top_p": "1.0"])

    // The card: transformers' order, temperature 0.75, top_k 50, top_p 1.
    let card = try await tokens(daemon) { request in
      request.options.preset = "synthia"
      request.options.trace = true
      request.options.clearSampling()
    }
    #expect(card.tokens.first?.trace.stages.map(\.name) == ["temperature", "top_k", "dist"])
    let settings = card.settings
    #expect(settings["temperature"] == "0.75 preset synthia" && settings["top_k"] == "50 preset synthia")
    #expect(settings["top_p"] == "1.0 preset synthia" && settings["profile"] == "transformers preset synthia")
    #expect(settings["min_p"] == "0.0 default ")

    let mine = try await tokens(daemon) { request in
      request.options.preset = "mine"
      request.options.clearSampling()
      request.options.sampling.topK = 2
    }
    #expect(mine.settings["top_k"] == "2 request " && mine.settings["order"] == "top_k,xtc preset mine")
  }

  @Test(
    "a model of a known card samples as the card does, until another preset is set or the request chooses")
  func modelPreset() async throws {
    let daemon = try await withModel()
    try TinyModel.write(to: daemon.folder.file("card.gguf")) { $0.name = "SynthIA-7B-v1.3" }
    let model = try await daemon.load(daemon.folder.file("card.gguf"), name: "card")
    #expect(model.profile == "synthia-7b-v1.3" && model.preset.isEmpty)
    func temperature(_ configure: (inout ProtoSamplerSettings) -> Void = { _ in }) async throws -> String? {
      try await tokens(daemon) { request in
        request.model = "card"
        request.options.clearSampling()
        configure(&request.options.sampling)
      }.settings["temperature"]
    }
    #expect(try await temperature() == "0.75 profile synthia-7b-v1.3")
    #expect(try await temperature { $0.temperature = 2 } == "2.0 request ")
    #expect(try await temperature { $0.profile = "llama.cpp" } == "0.8 default ")
    var update = ProtoUpdateModelRequest()
    update.name = "card"
    update.preset = "default"
    #expect(try await daemon.channel.unary(ModelsMethods.update, update).model.preset == "default")
    #expect(try await temperature() == "0.8 default ")
    update.preset = "nothing"
    let unknown = await failure { _ = try await daemon.channel.unary(ModelsMethods.update, update) }
    #expect(unknown?.code == .notFound && unknown?.message.contains("synthia") == true)
    update.preset = ""
    #expect(try await daemon.channel.unary(ModelsMethods.update, update).model.preset.isEmpty)
    #expect(try await temperature() == "0.75 profile synthia-7b-v1.3")
    let other = try await daemon.load(daemon.folder.file("card.gguf"), name: "other") {
      $0.preset = "synatra"
    }
    #expect(other.preset == "synatra")
  }

  @Test("dry's sequence breakers are texts, llama.cpp's unless the request says others")
  func sequenceBreakers() async throws {
    let daemon = try await withModel()
    // The prompt ends as it begins, so that "▁world" would go on repeating it, unless that beginning is a breaker.
    for (texts, isPenalized) in [(nil, true), (["x", "llo"], false), ([], true)] as [([String]?, Bool)] {
      let answer = try await tokens(daemon) { request in
        request.text = "Hello world Hello"
        request.options.trace = true
        request.options.sampling.other = ["dry_multiplier": 5, "dry_allowed_length": 1]
        if let texts { request.options.sampling.drySequenceBreakers.texts = texts }
      }
      let value = answer.settings["dry_sequence_breakers"]
      #expect(value == (texts.map { "\($0) request " } ?? #"["\n", ":", "\"", "*"] default "#))
      let dry = try #require(answer.tokens.first?.trace.stages.first { $0.name == "dry" })
      #expect((dry.before.entropy != dry.after.entropy) == isPenalized, "\(value ?? "")")
    }
  }

  @Test("the client explains an answer with the tokens that it would give")
  func explain() async throws {
    let daemon = try await withModel()
    let arguments = ["--address", "unix:\(daemon.socket)", "--seed", "4", "--preset", "synthia", "Hello"]
    let chat = try await run(
      Products.url("workbench"), ["chat", "--max-tokens", "4", "--json"] + arguments)
    let explained = try await run(Products.url("workbench"), ["explain", "--max-tokens", "4"] + arguments)
    #expect(explained.status == 0, "\(explained.error)")
    let lines = explained.output.split(separator: "\n").map(String.init)
    let heads = lines.filter { $0.contains("  token ") }
    #expect(heads.count == 4)
    let ids = chat.output.split(separator: #"{"id":"#).dropFirst().map { UInt32($0.prefix { $0.isNumber }) }
    #expect(heads.map { $0.split(separator: " ").last.flatMap { UInt32($0) } } == ids)
    #expect(lines.filter { $0.contains("temperature") }.count == 4)
    let list = try await run(
      Products.url("workbench"), ["sampler", "list", "--address", "unix:\(daemon.socket)"])
    #expect(list.output.contains("temperature=0.75 top_k=50 top_p=1.0"))
  }

  private struct Answer {
    var tokens: [ProtoGeneratedToken] = []
    var finish = ProtoGenerationFinish()

    var settings: [String: String] {
      Dictionary(
        finish.settings.map { setting in
          let source = "\(setting.source)".split(separator: ".").last ?? ""
          return (setting.name, "\(setting.value) \(source) \(setting.sourceName)")
        }, uniquingKeysWith: { first, _ in first })
    }
  }

  private func withModel(_ arguments: [String] = []) async throws -> TestDaemon {
    let daemon = try await TestDaemon(arguments)
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 2048 }
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m") { $0.template = "chatml" }
    return daemon
  }

  private func tokens(
    _ daemon: TestDaemon, _ configure: (inout ProtoGenerateRequest) -> Void
  ) async throws -> Answer {
    var request = ProtoGenerateRequest.continuing("stage by stage", of: "m") { options in
      options.maxTokens = 24
      options.ignoreEnd = true
      options.sampling.temperature = 1.2
      options.sampling.repetitionPenalty = 1.1
      options.sampling.seed = 11
    }
    configure(&request)
    var answer = Answer()
    for try await response in try await daemon.channel.serverStreaming(GenerationMethods.generate, request) {
      answer.tokens += response.tokens
      if response.hasFinish { answer.finish = response.finish }
    }
    return answer
  }
}
