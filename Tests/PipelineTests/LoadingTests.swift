import Chat
import ModelFormats
import Runtime
import Sampling
import TestSupport
import Testing
import Tokens

@testable import Pipeline

@Suite("What a model file says besides its weights") struct LoadingTests {
  private func metadata(_ configure: (inout GGUFWriter) -> Void) throws -> Metadata {
    let folder = try TemporaryFolder()
    var writer = TinyModel().writer()
    configure(&writer)
    return try ModelFile.open(path: folder.write("m.gguf", writer.image().bytes)).metadata
  }

  @Test("Sampling settings of a file are the decimals that were written") func sampling() throws {
    let read = FileSampling(
      try metadata {
        $0.set("general.sampling.temp", .float32(0.7))
        $0.set("general.sampling.top_k", .uint32(20))
        $0.set("general.sampling.top_p", .float32(0.95))
      })
    let settings = read.settings
    #expect(settings.temperature == 0.7 && settings.topK == 20 && settings.topP == 0.95)
    #expect(read.setAside.isEmpty)
    #expect(FileSampling(try metadata { _ in }).settings == SamplerSettings())
  }

  // What llama.cpp's `common_init_sampler_from_model` and its samplers make of each value.
  static let samplingCases: [(String, GGUFWriter.Value, @Sendable (SamplerSettings) -> Bool, notes: Int)] = [
    ("temp", .float32(-1), { $0.temperature == 0 }, 1),
    ("temp", .uint32(1), { $0.temperature == 1 }, 0),
    ("temp", .string("0.5"), { $0.temperature == 0.5 }, 0),
    ("temp", .string("warm"), { $0.temperature == nil }, 1),
    ("temp", .float32(.nan), { $0.temperature == nil }, 1),
    ("temp", .bool(true), { $0.temperature == nil }, 1),
    ("top_k", .int32(-5), { $0.topK == 0 }, 1),
    ("top_k", .float32(20.7), { $0.topK == 20 }, 0),
    ("top_p", .float32(1.5), { $0.topP == 1 }, 1),
    ("top_p", .float32(-0.5), { $0.topP == 0 }, 1),
    ("min_p", .float32(-0.5), { $0.minP == 0 }, 1),
    ("penalty_last_n", .int32(-1), { $0.penaltyLastN == -1 }, 0),
    ("penalty_repeat", .float32(-3), { $0.repetitionPenalty == nil }, 1),
    ("mirostat", .uint32(7), { $0.values[.mirostat] == nil }, 1),
    ("sequence", .string("temperature;top_k"), { $0.order == ["logit_bias", "temperature", "top_k"] }, 0),
    (
      "sequence", .string("TOP-K;nucleus;minp;typ;temp"),
      { $0.order == ["logit_bias", "top_k", "top_p", "min_p", "typ_p", "temperature"] }, 0
    ),
    ("sequence", .string("infill;top_k;nosuch"), { $0.order == ["logit_bias", "top_k"] }, 2),
    ("sequence", .string("adaptive_p;top_k"), { $0.order == ["logit_bias", "top_k", "adaptive_p"] }, 0),
    ("sequence", .string(""), { $0.order == nil }, 0),
    ("sequence", .uint32(3), { $0.order == nil }, 1),
  ]

  @Test("Every sampling setting of a file is taken as llama.cpp takes it", arguments: samplingCases.indices)
  func samplingOfFiles(index: Int) throws {
    let (key, value, isRight, notes) = Self.samplingCases[index]
    let read = FileSampling(try metadata { $0.set("general.sampling.\(key)", value) })
    #expect(isRight(read.settings), "\(key): \(read.settings)")
    #expect(read.setAside.count == notes, "\(read.setAside)")
    #expect(read.setAside.allSatisfy { $0.hasPrefix("general.sampling.\(key)") })
  }

  @Test("A file whose defaults cannot be used loads, answers, and says what was set aside")
  func setAside() async throws {
    let keys: [(String, GGUFWriter.Value)] = [
      ("tokenizer.ggml.eos_token_id", .uint32(9_999)), ("tokenizer.ggml.padding_token_id", .uint32(300)),
      ("llama.vocab_size", .uint32(999)), ("general.sampling.temp", .float32(-1)),
    ]
    let folder = try TemporaryFolder()
    var writer = TinyModel().writer()
    for (key, value) in keys { writer.set(key, value) }
    let path = try folder.write("m.gguf", writer.image().bytes)
    let pipeline = try Pipeline.load(ModelSource(path: path)) { _ in }
    let description = pipeline.description
    let notes = description.setAside + description.setAsideByTokenizer
    #expect(notes.count == keys.count, "\(notes)")
    for (key, _) in keys { #expect(notes.contains { $0.hasPrefix(key) }) }
    #expect(description.endTokens.map(\.id.index) == [2] && description.vocabularySize == 300)
    var options = GenerationOptions()
    options.maxTokens = 2
    let answer = try await TinyPipeline.collect(
      pipeline.generate(GenerateJob(model: "m", prompt: .tokens([TokenID(5)]), options: options)))
    #expect(answer.finish?.settings.first { $0.name == "temperature" }?.value == "0.0")
  }

  @Test("A file's templates are its default one, then its variants") func templates() throws {
    let templates = CheckpointTemplates(
      try metadata {
        $0.set("tokenizer.chat_template.tool_use", .string("T"))
        $0.set("tokenizer.chat_template", .string("D"))
        $0.set("tokenizer.chat_template.default", .string("other"))
      }
    ).templates
    #expect(templates.map(\.name) == ["default", "tool_use"] && templates.map(\.source) == ["D", "T"])
    #expect(templates.allSatisfy { $0.origin == .checkpoint && !$0.addsBOS })
    #expect(CheckpointTemplates(try metadata { _ in }).templates.isEmpty)
  }

  @Test("Long values of the metadata are cut, and say how long they are") func text() throws {
    let table = MetadataText.table(
      try metadata { $0.set("general.description", .string(String(repeating: "x", count: 5_000))) })
    let description = try #require(table["general.description"])
    #expect(description.count < 2_100 && description.hasSuffix("(5000 characters)"))
    #expect(table["tokenizer.ggml.tokens"]?.hasSuffix("(300 elements)]") == true)
    #expect(table["general.name"] == "tiny" && table["llama.block_count"] == "2")
  }

  @Test("A file that is not a model is refused with its path and the field", arguments: ["", "GGUF", "{}"])
  func foreign(content: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("m.gguf", Array(content.utf8))
    let error = #expect(throws: WorkbenchError.self) {
      _ = try Pipeline.load(ModelSource(path: path)) { _ in }
    }
    #expect(error?.field == "path" && error?.message.contains(path) == true)
  }

  @Test("Compiled templates are told apart by name and source, and a kept one is the same text")
  func compiled() throws {
    let templates = CompiledTemplates()
    func text(_ name: String, _ source: String) throws -> String {
      let job = RenderJob(
        input: PromptInput(messages: [Message(role: "user", content: "x")]),
        template: TemplateSource(name: name, source: source, origin: .client))
      return try TemplateRendering.render(job, templates).text
    }
    for round in 0..<2 {
      for number in 0..<(PipelineLimits.compiledTemplates + 4) {
        #expect(try text("t", "\(number){{ messages[0].content }}") == "\(number)x", "round \(round)")
      }
    }
    #expect(throws: WorkbenchError.self) { _ = try text("t", "{%") }
  }

  @Test("A tokenizer is read again when its file was replaced") func shelf() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("t.gguf")
    try TinyModel.write(to: path)
    let shelf = TokenizerShelf()
    func bos() throws -> Int? {
      try shelf.tokenize(path, Array("Hello".utf8), addSpecial: true, parseSpecial: false).first?.id.index
    }
    #expect(try bos() == TinyVocabulary.bos)
    var writer = TinyModel().writer()
    writer.set("tokenizer.ggml.add_bos_token", .bool(false))
    try folder.write("t.gguf", writer.image().bytes)
    #expect(try bos() != TinyVocabulary.bos)
    #expect(throws: WorkbenchError.self) {
      _ = try shelf.tokenize(folder.file("none"), [], addSpecial: false, parseSpecial: false)
    }
  }

  @Test("A comparison counts lines, and both sides of the same tokenizer agree") func compare() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("t.gguf")
    try TinyModel.write(to: path)
    let report = try TokenizerShelf().compare(path, path, text: "Hello\n\nworld\n")
    #expect(report.lines == 2 && report.sameLines == 2 && report.left.tokens == report.right.tokens)
    #expect(report.left.roundTripFailures == 0 && report.left.refusals == 0)
  }
}
