import Chat
import ModelFormats
import Runtime
import Sampling
import TestSupport
import Testing
import Tokens

@testable import Pipeline

@Suite("Checkpoints as the hub holds them, converted to GGUF files")
struct CheckpointConversionTests {
  /// A checkpoint, and the file that it was converted to.
  private struct Converted {
    let folder: TemporaryFolder
    let output: TemporaryFolder
    let conversion: Conversion
    var path: String { output.file("new.gguf") }

    init(type: String? = "f32", _ change: (inout TinyCheckpoint) -> Void = { _ in }) throws {
      folder = try TemporaryFolder()
      output = try TemporaryFolder()
      var checkpoint = TinyCheckpoint()
      change(&checkpoint)
      try checkpoint.write(to: folder.path)
      conversion = try Conversion(path: folder.path, type: type, refusesLinks: false)
      var bytes: [UInt8] = []
      while let piece = try conversion.next() { bytes += piece }
      #expect(bytes.count == conversion.byteCount)
      try output.write("new.gguf", bytes)
    }
  }

  private func load(_ path: String) throws -> Pipeline { try Pipeline.load(ModelSource(path: path)) { _ in } }

  private func answer(_ pipeline: Pipeline) async throws -> [Int] {
    var options = GenerationOptions()
    options.maxTokens = 24
    options.sampling.temperature = 0
    let job = GenerateJob(
      model: "m", prompt: .text("hello wörld", parseSpecial: false, addBOS: nil), options: options)
    return try await TinyPipeline.collect(pipeline.generate(job)).tokens.map(\.id.index)
  }

  @Test(
    "The new file answers as the folder does, and says the same of itself",
    arguments: TinyCheckpoint.Weights.allCases)
  func same(weights: TinyCheckpoint.Weights) async throws {
    // Of the 300 rows, 14 are of no token; the network chooses them too.
    let converted = try Converted { $0.weights = weights }
    let (folder, file) = (try load(converted.folder.path), try load(converted.path))
    #expect(try await answer(file) == answer(folder))
    #expect(try await answer(folder).contains { $0 >= 286 })
    #expect(try folder.detokenize([290, 291], skipSpecial: false).bytes.isEmpty)
    let (old, new) = (folder.description, file.description)
    #expect(new.tokenizer == "llama" && new.vocabularySize == old.vocabularySize)
    #expect(new.templates == old.templates && new.endTokens.map(\.id) == old.endTokens.map(\.id))
    #expect(new.contextLength == old.contextLength && new.title == old.title)
    #expect(file.modelSettings == folder.modelSettings)
    #expect(new.setAside.isEmpty && new.setAsideByTokenizer.isEmpty)
    // The window of 64 is shorter than the context.
    #expect(converted.conversion.notes.count == 1 && converted.conversion.notes[0].contains("64 positions"))
  }

  @Test("What the new file leaves out is noted, and nothing else is") func notes() throws {
    #expect(try Converted { $0.config["sliding_window"] = "null" }.conversion.notes.isEmpty)
    let dynamic = try Converted {
      $0.config["sliding_window"] = "null"
      $0.config["rope_scaling"] = #"{"type":"dynamic","factor":2.0}"#
    }
    #expect(dynamic.conversion.notes.count == 1 && dynamic.conversion.notes[0].contains("dynamic"))
  }

  @Test("The tokenizer of a converted folder is exported, and that of the folder itself is there already")
  func export() throws {
    let converted = try Converted()
    #expect(
      try load(converted.path).exportTokenizer().map(\.name) == ["tokenizer.json", "tokenizer_config.json"])
    #expect {
      _ = try load(converted.folder.path).exportTokenizer()
    } throws: {
      ($0 as? WorkbenchError)?.message.contains("whose tokenizer files transformers loads") == true
    }
  }

  @Test("Without weights, metadata and vocabulary are written alone") func vocabulary() throws {
    let converted = try Converted(type: nil)
    let file = try ModelFile.open(path: converted.path)
    #expect(file.tensors.isEmpty && file.metadata.strings("tokenizer.ggml.tokens")?.count == 300)
    #expect(file.metadata.string("tokenizer.chat_template")?.hasPrefix("{% for m") == true)
  }

  @Test("Settings have the types of GGUF: integers where a number counts, else floats") func types() throws {
    let converted = try Converted {
      $0.others["generation_config.json"] = #"{"do_sample":true,"temperature":1,"top_k":50,"top_p":1}"#
    }
    let file = try ModelFile.open(path: converted.path)
    #expect(file.metadata.types["general.sampling.temp"] == .float32)
    #expect(file.metadata.types["general.sampling.top_p"] == .float32)
    #expect(file.metadata.types["general.sampling.top_k"] == .int32)
  }

  @Test("A folder whose tokenizer is missing, unfit or of another kind is refused by the file's name")
  func refusals() throws {
    func message(_ change: (inout TinyCheckpoint) -> Void) -> String {
      do {
        _ = try Converted(change)
        return ""
      } catch {
        return (error as? WorkbenchError)?.message ?? "\(error)"
      }
    }
    #expect(message { $0.others["tokenizer.json"] = nil }.contains("it needs one of tokenizer.json"))
    #expect(message { $0.others["tokenizer.json"] = "{" }.contains("tokenizer.json at byte"))
    #expect(message { $0.config["vocab_size"] = "285" }.contains("tokenizer.json: it has 286 tokens"))
    let lower = TinyCheckpoint.tokenizer.replacing("null,\"post", with: #"{"type":"Whitespace"},"post"#)
    #expect(message { $0.others["tokenizer.json"] = lower }.contains("its pre_tokenizer is 'Whitespace'"))
    #expect(message { $0.others["tokenizer.model"] = "x" } == "")
  }
}
