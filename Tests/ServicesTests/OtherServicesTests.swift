import Concurrency
import RPC
import RoleTestSupport
import Services
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("The other services, without a socket and over one") struct OtherServicesTests {
  @Test("Tokenizing and back gives the text", arguments: TestDaemon.Depth.allCases)
  func tokenizers(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      _ = try await daemon.load()
      let channel = daemon.channel
      var request = ProtoTokenizeRequest()
      request.model = "tiny"
      request.text = .init("Hello the world, é".utf8)
      let ids = try await channel.unary(TokenizersMethods.tokenize, request).tokens.map(\.id)
      let text = try await channel.unary(
        TokenizersMethods.detokenize,
        .with {
          $0.model = "tiny"
          $0.ids = ids
        })
      #expect(String(decoding: text.bytes, as: UTF8.self).hasSuffix("Hello the world, é"))
      request.addSpecial = true
      let special = try await channel.unary(TokenizersMethods.tokenize, request).tokens.map(\.id)
      #expect(special == [UInt32(TinyVocabulary.bos)] + ids)
      request.tokenizer = daemon.folder.file("tiny.gguf")
      #expect(await daemon.status(TokenizersMethods.tokenize, request)?.field == "tokenizer")
      request.model = ""
      #expect(try await channel.unary(TokenizersMethods.tokenize, request).tokens.map(\.id) == special)
      let outside = await daemon.status(
        TokenizersMethods.detokenize,
        .with {
          $0.model = "tiny"
          $0.ids = [1, 300]
        })
      #expect(outside?.code == .invalidArgument && outside?.field == "ids")
      let list = try await channel.unary(TokenizersMethods.list, .init()).tokenizers
      #expect(list.count > 1 && list.last?.model == "tiny" && list.last?.vocabularySize == 300)
    }
  }

  @Test(
    "A comparison needs both sides, and finds a tokenizer equal to itself",
    arguments: TestDaemon.Depth.allCases)
  func compare(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let path = daemon.folder.file("t.gguf")
      try TinyModel.write(to: path)
      var request = ProtoCompareTokenizersRequest()
      #expect(await daemon.status(TokenizersMethods.compare, request)?.field == "left")
      request.left = path
      #expect(await daemon.status(TokenizersMethods.compare, request)?.field == "right")
      request.right = path
      request.text = "Hello\nworld\n"
      let same = try await daemon.channel.unary(TokenizersMethods.compare, request)
      #expect(same.left.tokens == same.right.tokens && same.left.tokens > 0)
    }
  }

  @Test("Samplers are listed with their presets, plugins are none", arguments: TestDaemon.Depth.allCases)
  func samplers(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let list = try await daemon.channel.unary(SamplersMethods.list, .init())
      let names = list.samplers.map(\.name)
      #expect(Set(list.defaultChain).isSubset(of: names) && names.contains("top_k"))
      #expect(list.presets.contains { $0.name == "default" })
      #expect(list.samplers.allSatisfy { !$0.summary.isEmpty })
      #expect(try await daemon.channel.unary(PluginsMethods.list, .init()).plugins.isEmpty)
    }
  }

  @Test(
    "The status says what the daemon is; draining refuses new work and ends health watches",
    arguments: TestDaemon.Depth.allCases)
  func drain(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let before = try await daemon.channel.unary(DaemonMethods.status, .init())
      #expect(before.version == "0.0.0-test" && before.addresses == ["unix:/test"] && !before.draining)
      #expect(before.residentBytes > 0 && before.pid > 0)
      let health = "workbench.v1.Generation"
      #expect(
        try await daemon.channel.unary(HealthMethods.check, .with { $0.service = health }).status == .serving)
      let watch = try await daemon.channel.serverStreaming(HealthMethods.watch, .init())
      var states = watch.makeAsyncIterator()
      #expect(try await states.next()?.status == .serving)
      _ = try await daemon.channel.unary(DaemonMethods.drain, .init())
      await daemon.ends.drainRequested.wait()
      await daemon.drain()
      #expect(try await states.next()?.status == .notServing)
      #expect(try await states.next() == nil)
      #expect(try await daemon.channel.unary(DaemonMethods.status, .init()).draining)
      let load = await daemon.streamStatus(ModelsMethods.load, .with { $0.path = "/m.gguf" })
      #expect(load?.code == .unavailable)
    }
  }

  @Test("The health of a service that does not exist is not found, or unknown to a watch") func unknown()
    async throws
  {
    try await TestDaemon.run(.inProcess) { daemon in
      let check = await daemon.status(HealthMethods.check, .with { $0.service = "workbench.v1.None" })
      #expect(check?.code == .notFound)
      let watch = try await daemon.channel.serverStreaming(HealthMethods.watch, .with { $0.service = "x" })
      var states = watch.makeAsyncIterator()
      #expect(try await states.next()?.status == .serviceUnknown)
      watch.cancel()
    }
  }

  @Test("Reflection lists every service, and finds its files", arguments: TestDaemon.Depth.allCases)
  func reflection(depth: TestDaemon.Depth) async throws {
    try await TestDaemon.run(depth) { daemon in
      let (requests, responses) = try await daemon.channel.bidirectional(ReflectionMethods.v1)
      var answers = responses.makeAsyncIterator()
      try await requests.send(.with { $0.listServices = "" })
      let services = try await answers.next()?.listServicesResponse.service.map(\.name) ?? []
      #expect(services.contains("grpc.health.v1.Health") && services == services.sorted())
      for service in services where service.hasPrefix("workbench.") {
        try await requests.send(.with { $0.fileContainingSymbol = service })
        let files = try await answers.next()?.fileDescriptorResponse.fileDescriptorProto ?? []
        let found = try files.contains { bytes in
          let file = try Google_Protobuf_FileDescriptorProto(serializedBytes: bytes)
          return file.service.contains { "\(file.package).\($0.name)" == service }
        }
        #expect(found, "\(service)")
      }
      try await requests.send(.with { $0.fileContainingSymbol = "no.Such" })
      #expect(try await answers.next()?.errorResponse.errorCode == StatusCode.notFound.rawValue)
      try await requests.send(.init())
      #expect(try await answers.next()?.errorResponse.errorCode == StatusCode.invalidArgument.rawValue)
      try await requests.finish()
      #expect(try await answers.next() == nil)
    }
  }
}
