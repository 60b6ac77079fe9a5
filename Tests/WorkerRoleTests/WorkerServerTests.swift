import Foundation
import Glibc
import RPC
import Runtime
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI
import WorkerProtocol

@testable import WorkerRole

@Suite("A worker's side of the private protocol, without a process") struct WorkerServerTests {
  private let folder: TemporaryFolder
  private let channel = Channel(inProcess: WorkerServer().routes())

  init() throws { folder = try TemporaryFolder() }

  private func load(_ path: String) async throws -> [WorkerLoadEvent] {
    var events: [WorkerLoadEvent] = []
    for try await event in try await channel.serverStreaming(
      WorkerMethods.load, WorkerLoadRequest(ModelSource(path: path)))
    {
      events.append(event)
    }
    return events
  }

  private func tiny() throws -> String {
    let path = folder.file("tiny.gguf")
    try TinyModel.write(to: path) { $0.chatTemplate = "{{ messages[0].content }}" }
    return path
  }

  private func job(_ request: some SwiftProtobuf.Message, _ template: TemplateSource? = nil) throws
    -> WorkerJob
  {
    WorkerJob(RelayedRequest(.chat, try EncodedMessage(request), template: template))
  }

  private func status(_ body: () async throws -> Void) async -> WorkbenchError? {
    do {
      try await body()
      return nil
    } catch {
      return (error as? RPCError).map { WorkbenchError($0) }
    }
  }

  private func stream(_ call: WorkerCall, _ job: WorkerJob) async throws -> [ProtoGenerationResponse] {
    var messages: [ProtoGenerationResponse] = []
    let method = call.served(as: ProtoGenerationResponse.self)
    for try await message in try await channel.serverStreaming(method, job) { messages.append(message) }
    return messages
  }

  @Test("A load ends with the model; a second one is refused") func load() async throws {
    let path = try tiny()
    let events = try await load(path)
    #expect(events.dropLast().allSatisfy { $0.progress.fraction <= 1 })
    let loaded = try LoadedModel(try #require(events.last).loaded)
    #expect(loaded.title == "tiny" && loaded.vocabularySize == 300)
    #expect(loaded.templates.map(\.origin) == [.checkpoint])
    let second = await status { _ = try await load(path) }
    #expect(second?.kind == .failedPrecondition)
    let report = try await channel.unary(WorkerMethods.status, .init())
    #expect(report.hasEngine && report.residentBytes > 0 && report.plugins.isEmpty)
  }

  @Test("A refused file leaves the worker ready for the next one") func refused() async throws {
    let missing = await status { _ = try await load(folder.file("none.gguf")) }
    #expect(missing?.kind == .notFound && missing?.field == "path")
    let noise = try folder.write("noise.gguf", Array("GGUF and then noise".utf8))
    #expect(await status { _ = try await load(noise) }?.field == "path")
    #expect(try await channel.unary(WorkerMethods.status, .init()).hasEngine == false)
    #expect(try await load(try tiny()).last?.event != nil)
  }

  @Test("Without a model, what needs one is refused, and the rest works") func withoutModel() async throws {
    let ids = try job(ProtoDetokenizeRequest.with { $0.ids = [1] })
    let detokenize = await status {
      _ = try await channel.unary(WorkerCall.detokenize.served(as: ProtoDetokenizeResponse.self), ids)
    }
    #expect(detokenize?.kind == .failedPrecondition)
    let generate = try job(ProtoGenerateRequest.with { $0.text = "a" })
    #expect(await status { _ = try await stream(.generate, generate) }?.kind == .failedPrecondition)
    let families = try await channel.unary(
      WorkerCall.listTokenizers.served(as: ProtoListTokenizersResponse.self), .init())
    #expect(families.tokenizers.map(\.name).contains("llama"))
    let template = TemplateSource(name: "t", source: "[{{ messages[0].content }}]", origin: .client)
    let request = ProtoRenderTemplateRequest.with {
      $0.messages = [
        .with {
          $0.role = "user"
          $0.content = "Hi"
        }
      ]
    }
    let rendered = try await channel.unary(
      WorkerCall.render.served(as: ProtoRenderTemplateResponse.self), try job(request, template))
    #expect(rendered.text == "[Hi]" && rendered.template == "t" && rendered.tokenIds.isEmpty)
    let broken = TemplateSource(name: "t", source: "{{", origin: .client)
    let check = try await channel.unary(WorkerMethods.checkTemplate, WorkerTemplateSource(broken))
    #expect(try TemplateReport(check).error != nil)
    #expect(try await channel.unary(WorkerMethods.samplers, .init()).samplers.isEmpty)
  }

  @Test("Every field of a chat that is wrong is named") func badFields() async throws {
    _ = try await load(try tiny())
    let good = ProtoChatRequest.with {
      $0.messages = [
        .with {
          $0.role = "user"
          $0.content = "Hello"
        }
      ]
      $0.options.maxTokens = 2
    }
    let template = TemplateSource(name: "t", source: "{{ messages[0].content }}", origin: .client)
    #expect(try await stream(.chat, try job(good, template)).last?.hasFinish == true)
    let cases: [(String, (inout ProtoChatRequest) -> Void)] = [
      ("messages[0].role", { $0.messages[0].role = "" }),
      ("messages[0].content_parts", { $0.messages[0].contentParts = ["x"] }),
      ("messages[0].tool_calls_json", { $0.messages[0].toolCallsJson = "{" }),
      ("messages[0].extras_json", { $0.messages[0].extrasJson = "[1]" }),
      ("tools_json", { $0.toolsJson = "nope" }),
      ("variables_json", { $0.variablesJson = "3" }),
      ("options.max_tokens", { $0.options.maxTokens = 0 }),
      ("options.stop[1]", { $0.options.stop = ["a", ""] }),
      ("options.stop", { $0.options.stop = [String](repeating: "a", count: 65) }),
      ("options.top_logprobs", { $0.options.topLogprobs = 21 }),
      ("options.sampling.top_p", { $0.options.sampling.topP = 2 }),
      ("options.sampling.logit_bias", { $0.options.sampling.logitBias = [.max: 1] }),
    ]
    for (field, change) in cases {
      var request = good
      change(&request)
      let error = await status { _ = try await stream(.chat, try job(request, template)) }
      #expect(
        error?.kind == .invalidArgument && error?.field == field, "\(field): \(error?.description ?? "none")")
    }
  }

  @Test("Links in paths are followed unless the daemon says otherwise", arguments: [false, true])
  func links(refused: Bool) async throws {
    let target = try tiny()
    let link = folder.file("link.gguf")
    symlink(target, link)
    let text = ProtoTokenizeRequest.with { ($0.tokenizer, $0.text) = (link, .init("Hello".utf8)) }
    let pair = ProtoCompareTokenizersRequest.with { ($0.left, $0.right, $0.text) = (target, link, "Hello") }
    var jobs = [WorkerJob(RelayedRequest(.tokenize, try EncodedMessage(text), refusesLinks: refused))]
    jobs.append(
      WorkerJob(RelayedRequest(.compareTokenizers, try EncodedMessage(pair), refusesLinks: refused)))
    for (call, job) in zip([WorkerCall.tokenize, .compareTokenizers], jobs) {
      let error = await status { _ = try await channel.unary(call.relayed, job) }
      #expect((error == nil) == !refused, "\(call): \(error?.description ?? "OK")")
    }
    for (path, tokenizer) in [(target, link), (link, target)] {
      var source = ModelSource(path: path)
      source.tokenizer = tokenizer
      source.refusesLinks = path == link && refused
      source.tokenizerRefusesLinks = tokenizer == link && refused
      let fresh = Channel(inProcess: WorkerServer().routes())
      let request = WorkerLoadRequest(source)
      let error = await status {
        for try await _ in try await fresh.serverStreaming(WorkerMethods.load, request) {}
      }
      #expect((error == nil) == !refused, "\(path): \(error?.description ?? "OK")")
    }
  }

  @Test("Another tokenizer must fit the model; the refused one leaves the first in use") func tokenizer()
    async throws
  {
    _ = try await load(try tiny())
    let large = folder.file("large.gguf")
    try TinyModel.write(to: large) { $0.vocabulary = 400 }
    let error = await status {
      _ = try await channel.unary(WorkerMethods.useTokenizer, .with { $0.tokenizer = large })
    }
    #expect(error?.kind == .invalidArgument && error?.field == "tokenizer")
    let same = try await channel.unary(
      WorkerMethods.useTokenizer, .with { $0.tokenizer = folder.file("tiny.gguf") })
    #expect(try LoadedModel(same).vocabularySize == 300)
  }
}
