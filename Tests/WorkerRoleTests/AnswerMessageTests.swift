import Foundation
import RPC
import Runtime
import Sampling
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI
import WorkerProtocol

@testable import WorkerRole

@Suite("What a worker says of an answer and of texts") struct AnswerMessageTests {
  private let folder: TemporaryFolder
  private let channel = Channel(inProcess: WorkerServer().routes())

  init() async throws {
    folder = try TemporaryFolder()
    let path = folder.file("tiny.gguf")
    try TinyModel.write(to: path)
    for try await _ in try await channel.serverStreaming(
      WorkerMethods.load, WorkerLoadRequest(ModelSource(path: path)))
    {}
  }

  private func job(
    _ call: WorkerCall, _ request: some SwiftProtobuf.Message, _ preset: SamplerPreset? = nil
  ) throws -> WorkerJob {
    WorkerJob(RelayedRequest(call, try EncodedMessage(request), preset: preset))
  }

  private func generate(
    _ preset: SamplerPreset? = nil, _ change: (inout ProtoGenerateRequest) -> Void = { _ in }
  ) async throws -> [ProtoGenerationResponse] {
    var request = ProtoGenerateRequest.with {
      $0.model = "m"
      $0.text = "ab"
      $0.options.maxTokens = 4
      $0.options.ignoreEnd = true
      $0.options.sampling.seed = 7
    }
    change(&request)
    var messages: [ProtoGenerationResponse] = []
    let method = WorkerCall.generate.served(as: ProtoGenerationResponse.self)
    for try await message in try await channel.serverStreaming(method, try job(.generate, request, preset)) {
      messages.append(message)
    }
    return messages
  }

  @Test("An answer is one start, its tokens, and one finish that counts them") func shape() async throws {
    let messages = try await generate()
    let start = try #require(messages.first?.start)
    #expect(start.model == "m" && start.seed == 7 && start.template.isEmpty && start.promptTokens > 0)
    let tokens = messages.flatMap(\.tokens)
    #expect(tokens.count == 4)
    #expect(tokens.allSatisfy { !$0.hasLogprob && $0.alternatives.isEmpty && !$0.hasTrace })
    let finish = try #require(messages.last?.finish)
    #expect(finish.reason == .maxTokens && finish.generatedTokens == 4)
    #expect(finish.promptTokens == start.promptTokens)
    #expect(messages.dropFirst().dropLast().allSatisfy { !$0.hasStart && !$0.hasFinish })
  }

  @Test("Alternatives and traces come only where asked for, and the tokens stay the same")
  func details() async throws {
    let plain = try await generate().flatMap(\.tokens).map(\.id)
    let traced = try await generate {
      $0.options.topLogprobs = 3
      $0.options.trace = true
    }.flatMap(\.tokens)
    #expect(traced.map(\.id) == plain)
    for token in traced {
      #expect(token.alternatives.count == 3 && token.logprob <= 0)
      #expect(token.alternatives.map(\.logprob).sorted(by: >) == token.alternatives.map(\.logprob))
      let stages = token.trace.stages
      #expect(stages.first?.before.candidates == 300)
      #expect(
        stages.allSatisfy { (1...$0.before.candidates).contains($0.after.candidates) && $0.after.rank >= 1 })
      #expect(zip(stages, stages.dropFirst()).allSatisfy { $0.after.candidates == $1.before.candidates })
      #expect(token.trace.likeliest.first?.id == token.alternatives.first?.id)
    }
  }

  @Test("Each setting says where it came from: request, preset or default") func settings() async throws {
    var preset = SamplerPreset(name: "mine", settings: .init(), origin: .plugin)
    preset.settings.topK = 5
    let finish = try #require(
      try await generate(preset) { $0.options.sampling.temperature = 0.5 }.last?.finish)
    let sources = Dictionary(uniqueKeysWithValues: finish.settings.map { ($0.name, $0) })
    #expect(sources["temperature"]?.source == .request && sources["temperature"]?.value == "0.5")
    #expect(sources["top_k"]?.source == .preset && sources["top_k"]?.sourceName == "mine")
    #expect(sources["top_p"]?.source == .default)
  }

  @Test("A text's tokens cover its bytes in order, and decode to it") func texts() async throws {
    let text = Array("hello wörld".utf8)
    let tokenized = try await channel.unary(
      WorkerCall.tokenize.served(as: ProtoTokenizeResponse.self),
      try job(.tokenize, ProtoTokenizeRequest.with { $0.text = .init(text) }))
    var end: UInt32 = 0
    for token in tokenized.tokens {
      #expect(token.begin == end && token.end >= token.begin)
      end = token.end
    }
    #expect(Int(end) == text.count)
    let back = try await channel.unary(
      WorkerCall.detokenize.served(as: ProtoDetokenizeResponse.self),
      try job(.detokenize, ProtoDetokenizeRequest.with { $0.ids = tokenized.tokens.map(\.id) }))
    #expect(back.text == "hello wörld" && Array(back.bytes) == text)
    let file = folder.file("tiny.gguf")
    let report = try await channel.unary(
      WorkerCall.compareTokenizers.served(as: ProtoCompareTokenizersResponse.self),
      try job(
        .compareTokenizers,
        ProtoCompareTokenizersRequest.with {
          $0.left = file
          $0.right = file
          $0.text = "one\ntwo\n"
        }))
    #expect(report.lines == 2 && report.sameLines == 2 && report.left.tokens == report.right.tokens)
  }
}
