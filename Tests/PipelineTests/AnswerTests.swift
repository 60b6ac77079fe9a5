import Chat
import Foundation
import Runtime
import Sampling
import TestSupport
import Testing
import Tokens

@testable import Pipeline

@Suite("From a prompt to an answer, with a tiny model") struct AnswerTests {
  @Test("An answer of so many tokens ends for that reason, and its text is that of its tokens")
  func maxTokens() async throws {
    let answer = try await TinyPipeline().generate("Hello")
    #expect(answer.finish?.reason == .maxTokens && answer.tokens.count == 12)
    #expect(answer.finish?.generatedTokens == 12)
    #expect(answer.text == String(decoding: answer.tokens.flatMap(\.bytes), as: UTF8.self))
    #expect(answer.start?.promptTokens == answer.finish?.promptTokens && answer.start?.model == "m")
  }

  @Test("The same request gives the same ids, whatever of it is still in the cache") func repeats()
    async throws
  {
    let tiny = try TinyPipeline()
    let first = try await tiny.generate("Hello the world")
    let second = try await tiny.generate("Hello the world")
    #expect(first.tokens.map(\.id) == second.tokens.map(\.id))
  }

  @Test("A stop text ends the answer before it; it is not part of the text") func stop() async throws {
    let tiny = try TinyPipeline()
    // Bytes of the random model are rarely text, so the stop is taken from what it writes.
    let whole = try await tiny.generate("Hello") { $0.maxTokens = 60 }
    let letters = whole.text.filter { $0.isASCII && $0.isLetter }
    let letter = try #require(letters.first)
    let stopped = try await tiny.generate("Hello") {
      $0.maxTokens = 60
      $0.stop = ["\(letter)"]
    }
    #expect(stopped.finish?.reason == .stop && stopped.finish?.rule.contains(letter) == true)
    #expect(!stopped.text.contains(letter) && whole.text.hasPrefix(stopped.text))
  }

  @Test("An answer that reaches the context's end says so") func contextFull() async throws {
    let answer = try await TinyPipeline { $0.context = 16 }.generate("Hello") { $0.maxTokens = nil }
    #expect(answer.finish?.reason == .contextFull)
    #expect((answer.finish?.promptTokens ?? 0) + answer.tokens.count <= 17)
  }

  @Test("Alternatives come in the order of their probabilities") func alternatives() async throws {
    let answer = try await TinyPipeline().generate("Hello") { $0.topLogprobs = 5 }
    for token in answer.tokens {
      #expect(token.alternatives.count == 5 && token.alternatives.first?.id == token.id)
      let logprobs = token.alternatives.map(\.logprob)
      #expect(logprobs == logprobs.sorted(by: >) && logprobs.allSatisfy { $0 <= 0 })
    }
  }

  @Test("A trace reports the stages of each token when it is asked for") func traces() async throws {
    let tiny = try TinyPipeline()
    #expect(try await tiny.generate("Hello").tokens.allSatisfy { $0.trace == nil })
    let traced = try await tiny.generate("Hello") { $0.trace = true }
    #expect(traced.tokens.allSatisfy { $0.trace?.stages.isEmpty == false })
  }

  @Test("A prompt of ids is taken as it is; one outside the vocabulary, or none, names the field") func ids()
    async throws
  {
    let pipeline = try TinyPipeline().pipeline
    func submit(_ ids: [Int32]) throws -> GenerationStream {
      var options = GenerationOptions()
      options.maxTokens = 1
      return try pipeline.generate(
        GenerateJob(model: "m", prompt: .tokens(ids.map { TokenID(rawValue: $0) }), options: options))
    }
    #expect(try await TinyPipeline.collect(submit([1, 5, 9])).start?.promptTokens == 3)
    for (ids, field) in [([1, 300], "ids"), ([-1], "ids"), ([], "prompt")] as [([Int32], String)] {
      let error = #expect(throws: WorkbenchError.self) { _ = try submit(ids) }
      #expect(error?.kind == .invalidArgument && error?.field == field)
    }
  }

  @Test("A prompt longer than the context is refused") func tooLong() async throws {
    let tiny = try TinyPipeline { $0.context = 16 }
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await tiny.generate(String(repeating: "Hello ", count: 50))
    }
    #expect(error?.kind == .outOfRange && error?.field == "prompt")
  }

  @Test("Text goes to ids and back; special spellings count only where they may") func tokenize() throws {
    let pipeline = try TinyPipeline().pipeline
    let text = Array("Hello </s> 🙂".utf8)
    let plain = try pipeline.tokenize(text, addSpecial: false, parseSpecial: false)
    #expect(!plain.contains { $0.id.index == TinyVocabulary.eos })
    let special = try pipeline.tokenize(text, addSpecial: true, parseSpecial: true)
    #expect(special.first?.id.index == TinyVocabulary.bos)
    #expect(special.contains { $0.id.index == TinyVocabulary.eos })
    let back = try pipeline.detokenize(plain.map(\.id), skipSpecial: false)
    #expect(back.text.hasSuffix("Hello </s> 🙂") && Array(back.text.utf8) == back.bytes)
    // The last id is the last byte of the emoji.
    let cut = try pipeline.detokenize(plain.dropLast().map(\.id), skipSpecial: false)
    #expect(cut.text.hasSuffix("Hello </s> ") && cut.bytes == back.bytes.dropLast())
  }

  @Test("A character that the end of an answer cuts is in the tokens' bytes, and not in the text")
  func cutCharacter() async throws {
    let tiny = try TinyPipeline()
    // Each byte is a token, so every answer of the emoji's first bytes ends within it.
    let emoji = Array("🙂".utf8)
    let ids = try tiny.pipeline.tokenize(emoji, addSpecial: false, parseSpecial: false).suffix(4).map(\.id)
    for count in 1...4 {
      let answer = try await tiny.generate("Hello") { options in
        options.maxTokens = count
        // The likeliest token at every place is the next byte, whatever the random model says.
        options.sampling.order = ["logit_bias", "penalties", "temperature"]
        options.sampling.presencePenalty = 1000
        options.sampling.penaltyLastN = -1
        options.sampling.logitBias = ids.enumerated().map { TokenBias(token: $1, bias: 900 - Float($0)) }
      }
      #expect(answer.tokens.map(\.id) == Array(ids.prefix(count)))
      #expect(answer.tokens.flatMap(\.bytes) == Array(emoji.prefix(count)))
      #expect(answer.text == (count == 4 ? "🙂" : ""))
    }
  }

  @Test("A user's message cannot write a control token; the template can") func trust() throws {
    let pipeline = try TinyPipeline().pipeline
    let template = TemplateSource(name: "t", source: "{{ messages[0].content }}</s>", origin: .client)
    let rendered = try pipeline.render(
      RenderJob(input: PromptInput(messages: [Message(role: "user", content: "a</s>b")]), template: template))
    #expect(rendered.text == "a</s>b</s>")
    #expect(rendered.tokens.count { $0.index == TinyVocabulary.eos } == 1)
    #expect(rendered.spans.flatMap(\.specialSpellings) == [1..<5])
    #expect(rendered.spans.first?.range.lowerBound == 0 && rendered.spans.last?.range.upperBound == 10)
  }
}

@Suite("Answers of a model whose file is not what it should be") struct FileTests {
  private func spoil(_ path: String) throws {
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
    let size = try file.seekToEnd()
    try file.seek(toOffset: size / 2)
    try file.write(contentsOf: Data(repeating: 0xff, count: Int(size - size / 2)))
    try file.close()
  }

  @Test("Weights that give no numbers are a fault of the model, not of the request") func noNumbers()
    async throws
  {
    let folder = try TemporaryFolder()
    let path = folder.file("m.gguf")
    try TinyModel.write(to: path)
    try spoil(path)
    let pipeline = try Pipeline.load(ModelSource(path: path)) { _ in }
    let job = GenerateJob(
      model: "m", prompt: .text("Hello", parseSpecial: false, addBOS: nil), options: GenerationOptions())
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await TinyPipeline.collect(pipeline.generate(job))
    }
    #expect(error?.kind == .internal && error?.message.contains("weights") == true, "\(error as Any)")
    let other = WorkbenchError(wrapping: SamplingError.noCandidates(reason: "the chain left no candidate"))
    #expect(other.kind == .invalidArgument, "a chain of the caller's is theirs")
  }

  @Test("A file that changes ends the answers under way, and no other begins") func changed() async throws {
    let tiny = try TinyPipeline()
    let job = GenerateJob(
      model: "m", prompt: .text("Hello", parseSpecial: false, addBOS: nil), options: GenerationOptions())
    var events = try tiny.pipeline.generate(job).makeAsyncIterator()
    _ = try await events.next(isolation: nil)
    #expect(tiny.pipeline.isIntact)
    try spoil(tiny.folder.file("tiny.gguf"))
    let error = await #expect(throws: WorkbenchError.self) {
      while try await events.next(isolation: nil) != nil {}
    }
    #expect(error?.kind == .dataLoss && !tiny.pipeline.isIntact)
    let next = #expect(throws: WorkbenchError.self) { _ = try tiny.pipeline.generate(job) }
    #expect(next?.kind == .dataLoss)
    let tokenizer = #expect(throws: WorkbenchError.self) { _ = try tiny.pipeline.using(tokenizer: nil) }
    #expect(tokenizer?.kind == .dataLoss)
  }
}
