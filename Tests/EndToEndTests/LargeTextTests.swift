import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Texts of some MiB") struct LargeTextTests {
  /// Each byte of it is a token of its own, so that answers are many times as large as requests.
  private static let text = String(repeating: "x?", count: 700_000)

  /// A channel that takes answers larger than the default: a token takes more bytes than its text.
  private func channel(_ daemon: TestDaemon) throws -> Channel {
    var options = ChannelOptions()
    options.maxReceiveMessageBytes = 256 << 20
    return try Channel(to: .unix(daemon.socket), options: options)
  }

  @Test("A text of more than 1 MiB is tokenized, decoded and rendered whole")
  func whole() async throws {
    let daemon = try await TestDaemon()
    try TinyModel.write(to: daemon.folder.file("m.gguf"))
    try await daemon.load(daemon.folder.file("m.gguf"), name: "m")
    let channel = try channel(daemon)
    let text = Data(Self.text.utf8)

    var tokenize = ProtoTokenizeRequest()
    tokenize.model = "m"
    tokenize.text = text
    let tokens = try await channel.unary(TokenizersMethods.tokenize, tokenize).tokens
    #expect(tokens.count > 1_300_000 && tokens.last?.end == UInt32(text.count))

    var detokenize = ProtoDetokenizeRequest()
    detokenize.model = "m"
    detokenize.ids = tokens.map(\.id)
    let decoded = try await channel.unary(TokenizersMethods.detokenize, detokenize)
    #expect(decoded.bytes == text)

    var render = ProtoRenderTemplateRequest()
    render.model = "m"
    render.source = "{{ messages[0].content }}"
    render.messages = [.user(Self.text)]
    let rendered = try await channel.unary(TemplatesMethods.render, render)
    #expect(rendered.text == Self.text && rendered.tokenIds.count > 1_300_000)
  }

  @Test("A request above the limit is refused by gRPC itself, and the daemon goes on")
  func tooLarge() async throws {
    let daemon = try await TestDaemon()
    var request = ProtoTokenizeRequest()
    request.tokenizer = "/nowhere"
    request.text = Data(count: 5 << 20)
    let error = await failure { _ = try await daemon.channel.unary(TokenizersMethods.tokenize, request) }
    #expect(error?.code == .resourceExhausted)
    #expect(try await daemon.status().version.isEmpty == false)
  }
}
