import Chat
import Foundation
import Runtime
import Sampling
import TestSupport
import Testing
import Tokens

@testable import Pipeline

@Suite("Checkpoints as the hub holds them, from the folder to an answer")
struct CheckpointLoadingTests {
  private func load(_ change: (inout TinyCheckpoint) -> Void = { _ in }) throws -> Pipeline {
    let folder = try TemporaryFolder()
    var checkpoint = TinyCheckpoint()
    change(&checkpoint)
    try checkpoint.write(to: folder.path)
    return try Pipeline.load(ModelSource(path: folder.path)) { _ in }
  }

  private func answer(_ pipeline: Pipeline, _ prompt: GenerateJob.Prompt) async throws -> TinyPipeline.Answer
  {
    var options = GenerationOptions()
    options.maxTokens = 3
    return try await TinyPipeline.collect(
      pipeline.generate(GenerateJob(model: "m", prompt: prompt, options: options)))
  }

  @Test("Tokenizer, templates, ends and settings are those of the folder's files") func parts() async throws {
    let pipeline = try load()
    let description = pipeline.description
    #expect(description.architecture == "llama" && description.quantization == "F32")
    #expect(description.tokenizer == "tokenizer.json/BPE" && description.vocabularySize == 300)
    #expect(description.templates.map(\.name) == ["default"])
    #expect(description.endTokens.map(\.id.index) == [2, 7])
    #expect(description.setAside.isEmpty && description.setAsideByTokenizer.isEmpty)
    let tokens = try pipeline.render(
      RenderJob(
        input: PromptInput(messages: [.init(role: "user", content: "hi")]),
        template: try #require(description.templates.first)))
    #expect(tokens.text == "[user] hi\n[assistant]")
    let found = try await answer(pipeline, .text("abc", parseSpecial: false, addBOS: nil))
    // Beginning of sequence, the space that Llama puts in front, and three letters.
    #expect(found.start?.promptTokens == 5)
    let settings = try #require(found.finish?.settings)
    func value(_ name: String) -> GenerationFinish.Setting? { settings.first { $0.name == name } }
    #expect(value("temperature")?.value == "0.75" && value("temperature")?.source == .model)
    #expect(value("profile")?.value == "transformers" && value("profile")?.source == .model)
    #expect(value("top_k")?.value == "50" && value("top_p")?.value == "1.0")
  }

  // generation_config.json, and what becomes of temperature, top_k and ends.
  static let generationConfigs:
    [(json: String, temperature: Double?, topK: Int?, profile: String?, ends: [Int])] = [
      (#"{"eos_token_id":2}"#, nil, nil, nil, [2]),
      (#"{"eos_token_id":[2,5,9]}"#, nil, nil, nil, [2, 5, 9]),
      (#"{"do_sample":false,"temperature":0.9}"#, 0, nil, nil, [2]),
      (#"{"do_sample":true}"#, nil, nil, "transformers", [2]),
      (#"{"temperature":0.6,"top_k":0}"#, 0.6, 0, "transformers", [2]),
      (#"{"temperature":0.95,"top_k":50,"num_beams":1}"#, 0.95, 50, "transformers", [2]),
    ]

  @Test("Settings of generation_config.json are the model's", arguments: generationConfigs.indices)
  func generation(index: Int) throws {
    let (json, temperature, topK, profile, ends) = Self.generationConfigs[index]
    let pipeline = try load { $0.others["generation_config.json"] = json }
    let settings = pipeline.modelSettings
    #expect(settings.temperature == temperature && settings.topK == topK && settings.profile == profile)
    #expect(pipeline.description.endTokens.map(\.id.index) == ends)
  }

  @Test("Without generation_config.json the ends are those of config.json") func ends() throws {
    let pipeline = try load {
      $0.others["generation_config.json"] = nil
      $0.config["eos_token_id"] = "[2, 6]"
    }
    #expect(pipeline.description.endTokens.map(\.id.index) == [2, 6])
  }

  @Test("What is not used is said") func setAside() throws {
    let pipeline = try load {
      $0.others["generation_config.json"] = #"{"num_beams":4,"eos_token_id":[2,9999]}"#
      $0.config["rope_scaling"] = #"{"type":"dynamic","factor":2.0}"#
    }
    #expect(pipeline.description.setAside.count == 2, "\(pipeline.description.setAside)")
    #expect(pipeline.description.setAsideByTokenizer.count == 1)
  }

  @Test("A folder without a tokenizer, or with one that does not fit, is refused") func tokenizers() throws {
    let missing = #expect(throws: WorkbenchError.self) { _ = try load { $0.others["tokenizer.json"] = nil } }
    #expect(missing?.message.contains("it needs one of tokenizer.json, tokenizer.model") == true)
    let large = #expect(throws: WorkbenchError.self) { _ = try load { $0.config["vocab_size"] = "285" } }
    #expect(large?.message.contains("286 tokens") == true && large?.message.contains("285 rows") == true)
    let broken = #expect(throws: WorkbenchError.self) { _ = try load { $0.others["tokenizer.json"] = "{" } }
    #expect(broken?.message.contains("tokenizer.json") == true)
  }

  @Test("A model whose tokenizer file changes is noticed") func watched() async throws {
    let folder = try TemporaryFolder()
    try TinyCheckpoint().write(to: folder.path)
    let pipeline = try Pipeline.load(ModelSource(path: folder.path)) { _ in }
    #expect(pipeline.isIntact)
    try folder.write("tokenizer.json", Array("{}".utf8))
    #expect(!pipeline.isIntact)
    var again = ModelSource(path: folder.path)
    again.fileState = pipeline.description.fileState
    let error = #expect(throws: WorkbenchError.self) { _ = try Pipeline.load(again) { _ in } }
    #expect(error?.kind == .dataLoss)
  }
}
