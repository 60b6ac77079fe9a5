import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Tokenizers that change while a model stays loaded", .serialized)
struct TokenizerTests {
  @Test("a model gets the tokenizer of a plugin or a file and its own back; the worker and its streams go on")
  func swap() async throws {
    let plugins = try TemporaryFolder()
    try await PluginSource.compile(
      PluginSource.shipped("teaching_tokenizer"), to: plugins.file("teaching_tokenizer.so"))
    let daemon = try await TestDaemon(["--plugin-dir", plugins.path])
    let model = try await load(daemon)
    let own = try await tokenize(daemon, "Hello")
    let undisturbed = try await long(daemon)

    let (begun, begin) = AsyncStream<Void>.makeStream()
    let beside = Task {
      defer { begin.finish() }
      return try await long(daemon) { begin.finish() }
    }
    for await _ in begun {}
    let changed = try await update(daemon, "bytes")
    #expect(changed.tokenizer == "bytes" && changed.tokenizerSource == "bytes")
    #expect(changed.vocabularySize == 259 && changed.workerPid == model.workerPid)
    #expect(try await tokenize(daemon, "Hello") == "Hello".utf8.map { 3 + UInt32($0) })
    let answer = try await daemon.generate("m", "Hello") { $0.ignoreEnd = true }
    // The network has 300 rows; what this tokenizer has no token for never comes out.
    #expect(answer.ids.count == 16 && answer.ids.allSatisfy { $0 < 259 })
    #expect(try await beside.value.ids == undisturbed.ids)

    // A worker that takes the place of one that died has the tokenizer too.
    kill(Int32(changed.workerPid), SIGKILL)
    let again = try await eventually { (try? await tokenize(daemon, "Hello"))?.count == 5 }
    #expect(again)

    let words = try daemon.folder.write(
      "words.json", Array(Self.wordLevel(["[UNK]", "Hello", "there"]).utf8))
    #expect(try await update(daemon, words).vocabularySize == 3)
    #expect(try await tokenize(daemon, "there Hello you") == [2, 1, 0])
    #expect(try await update(daemon, "").tokenizerSource == "")
    #expect(try await tokenize(daemon, "Hello") == own)
    #expect(try await long(daemon).ids == undisturbed.ids)
  }

  @Test(
    "a tokenizer that does not fit, does not exist or is none is refused, and the model keeps what it has")
  func refusals() async throws {
    let daemon = try await TestDaemon()
    try await load(daemon)
    let own = try await tokenize(daemon, "Hello")
    let big = try daemon.folder.write(
      "big.json", Array(Self.wordLevel(["[UNK]"] + (1...300).map { "w\($0)" }).utf8))
    let junk = try daemon.folder.write("junk.json", Array("{".utf8))
    for (reference, words) in [
      (big, ["301 tokens", "300 rows"]), (junk, ["junk.json"]), ("nowhere", ["nowhere"]),
      (daemon.folder.path, [daemon.folder.path]),
    ] {
      let error = await failure { _ = try await update(daemon, reference) }
      #expect(error != nil && error?.code != .unavailable && error?.code != .internal, "\(reference)")
      for word in words { #expect(error?.message.contains(word) == true, "\(error?.message ?? "")") }
      let refused = await failure {
        try await daemon.load(daemon.folder.file("m.gguf"), name: "n") { $0.tokenizer = reference }
      }
      #expect(refused?.code == error?.code, "\(refused?.message ?? "")")
    }
    #expect(try await tokenize(daemon, "Hello") == own)
    #expect(try await daemon.model("m").restarts == 0)
    let words = try daemon.folder.write("words.json", Array(Self.wordLevel(["[UNK]", "Hello"]).utf8))
    let other = try await daemon.load(daemon.folder.file("m.gguf"), name: "n") { $0.tokenizer = words }
    #expect(other.vocabularySize == 2 && other.tokenizerSource == words)
  }

  @Test("the tokenizer of a folder is read again after a file in it has changed")
  func folder() async throws {
    let daemon = try await TestDaemon()
    let folder = try TemporaryFolder()
    for (words, id) in [(["[UNK]", "Hello"], UInt32(1)), (["[UNK]", "there", "Hello"], 2)] {
      try folder.write("tokenizer.json", Array(Self.wordLevel(words).utf8))
      var request = ProtoTokenizeRequest()
      request.tokenizer = folder.path
      request.text = Data("Hello".utf8)
      let tokens = try await daemon.channel.unary(TokenizersMethods.tokenize, request).tokens
      #expect(tokens.map(\.id) == [id])
    }
  }

  // MARK: -

  private static func wordLevel(_ words: [String]) -> String {
    let vocabulary = words.enumerated().map { "\"\($1)\": \($0)" }.joined(separator: ", ")
    return """
      {"pre_tokenizer": {"type": "Whitespace"},
       "model": {"type": "WordLevel", "unk_token": "[UNK]", "vocab": {\(vocabulary)}}}
      """
  }

  @discardableResult
  private func load(_ daemon: TestDaemon) async throws -> ProtoModel {
    try TinyModel.write(to: daemon.folder.file("m.gguf")) { $0.context = 512 }
    return try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
  }

  private func update(_ daemon: TestDaemon, _ tokenizer: String) async throws -> ProtoModel {
    var request = ProtoUpdateModelRequest()
    request.name = "m"
    request.tokenizer = tokenizer
    return try await daemon.channel.unary(ModelsMethods.update, request).model
  }

  private func tokenize(_ daemon: TestDaemon, _ text: String) async throws -> [UInt32] {
    var request = ProtoTokenizeRequest()
    request.model = "m"
    request.text = Data(text.utf8)
    return try await daemon.channel.unary(TokenizersMethods.tokenize, request).tokens.map(\.id)
  }

  /// Enough tokens to outlast a change beside it; `begun` is called with each message.
  private func long(_ daemon: TestDaemon, begun: () -> Void = {}) async throws -> Completion {
    var request = ProtoGenerateRequest.continuing("", of: "m") {
      $0.maxTokens = 400
      $0.ignoreEnd = true
    }
    request.tokens.ids = [1, 70, 71]
    var completion = Completion()
    for try await response in try await daemon.channel.serverStreaming(GenerationMethods.generate, request) {
      begun()
      completion.add(response)
    }
    return completion
  }
}
