import Foundation
import Host
import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@testable import Services

/// What bounds each reply of the API, for clients that take 4 MiB (RPC.Limits.receivedMessageBytes).
///
/// - fixed: a few small fields;
/// - limits: named limits keep it below 4 MiB, in all;
/// - pages: ReplyPages;
/// - parts: a stream whose messages end at PipelineLimits.partBytes;
/// - large: it grows with the request, the model's file or a conversation, up to a named limit below the 256 MiB that
///   `workbench` takes (tokensBytes, decodedBytes, renderedBytes, exportedBytes of the pipeline, conversationBytes).
private let bounds = """
  fixed  /grpc.health.v1.Health/Check
  fixed  /grpc.health.v1.Health/Watch
  limits /grpc.reflection.v1.ServerReflection/ServerReflectionInfo
  limits /grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo
  limits /workbench.v1.Daemon/Status
  fixed  /workbench.v1.Daemon/Drain
  limits /workbench.v1.Models/Get
  limits /workbench.v1.Models/List
  limits /workbench.v1.Models/Load
  limits /workbench.v1.Models/Convert
  fixed  /workbench.v1.Models/Unload
  limits /workbench.v1.Models/Update
  pages  /workbench.v1.Plugins/List
  limits /workbench.v1.Profiles/Get
  pages  /workbench.v1.Profiles/List
  pages  /workbench.v1.Samplers/List
  limits /workbench.v1.Templates/Get
  pages  /workbench.v1.Templates/List
  limits /workbench.v1.Templates/Check
  limits /workbench.v1.Templates/Put
  fixed  /workbench.v1.Templates/Remove
  large  /workbench.v1.Templates/Render
  limits /workbench.v1.Tokenizers/List
  limits /workbench.v1.Tokenizers/Compare
  large  /workbench.v1.Tokenizers/Detokenize
  large  /workbench.v1.Tokenizers/Export
  large  /workbench.v1.Tokenizers/Tokenize
  fixed  /workbench.v1.Conversations/Append
  fixed  /workbench.v1.Conversations/Create
  fixed  /workbench.v1.Conversations/Delete
  large  /workbench.v1.Conversations/Export
  fixed  /workbench.v1.Conversations/Fork
  large  /workbench.v1.Conversations/Get
  limits /workbench.v1.Conversations/Import
  limits /workbench.v1.Conversations/List
  fixed  /workbench.v1.Conversations/Rename
  parts  /workbench.v1.Generation/Chat
  parts  /workbench.v1.Generation/Generate
  parts  /workbench.v1.Generation/Score
  """

@Suite("Replies that every client takes", .timeLimit(.minutes(60))) struct ReplySizeTests {
  @Test("Each method of the API is known to have a bound") func complete() {
    let methods = bounds.split(separator: "\n").compactMap { $0.split(separator: " ").last.map(String.init) }
    #expect(Set(methods) == Set(MethodRoles.table.keys) && methods.count == MethodRoles.table.count)
  }

  private func template(_ number: Int, bytes: Int) -> ProtoTemplate {
    .with {
      $0.name = "t\(number)"
      $0.stop = [String(repeating: "x", count: bytes)]
    }
  }

  private func pages(_ items: [ProtoTemplate], and others: [ProtoTemplate] = []) throws -> [[String]] {
    var found: [[String]] = []
    var token = ""
    repeat {
      var pages = try ReplyPages(from: token)
      let page = try pages.take(items) + pages.take(others)
      #expect(page.count == 1 || page.reduce(0) { $0 + $1.stop[0].utf8.count } <= ReplyPages.bytes)
      found.append(page.map(\.name))
      token = pages.nextToken
      try #require(found.count <= items.count + others.count + 1)
    } while !token.isEmpty
    return found
  }

  @Test("Pages hold as much as fits, and always something") func cut() throws {
    #expect(try pages([]) == [[]])
    #expect(try pages((0..<3).map { template($0, bytes: 10) }) == [["t0", "t1", "t2"]])
    let third = ReplyPages.bytes / 3
    #expect(
      try pages((0..<5).map { template($0, bytes: third) }) == [["t0", "t1"], ["t2", "t3"], ["t4"]])
    let large = (0..<3).map { template($0, bytes: 2 * ReplyPages.bytes) }
    #expect(try pages(large) == [["t0"], ["t1"], ["t2"]])
    #expect(
      try pages([template(0, bytes: third)], and: [template(1, bytes: third), template(2, bytes: third)])
        == [["t0", "t1"], ["t2"]])
  }

  @Test(
    "What is not a token of a page is refused",
    arguments: ["x", "-1", "0", "9223372036854775808", "1.5"])
  func tokens(token: String) async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      for status in [
        await daemon.status(TemplatesMethods.list, .with { $0.pageToken = token }),
        await daemon.status(SamplersMethods.list, .with { $0.pageToken = token }),
        await daemon.status(PluginsMethods.list, .with { $0.pageToken = token }),
      ] {
        #expect(status?.code == .invalidArgument && status?.field == "page_token")
      }
    }
    var late = try ReplyPages(from: "9223372036854775807")
    #expect(try late.take([template(0, bytes: 1)]).isEmpty && late.nextToken.isEmpty)
  }

  @Test("Templates with many long stop strings are listed for a client that takes 4 MiB") func templates()
    async throws
  {
    try await TestDaemon.run(.unixSocket) { daemon in
      let stops = (0..<64).map { "  - \"\(String(repeating: "é", count: 500))\($0)\"\n" }.joined()
      let source = "---\nstop:\n\(stops)---\n{{ messages[0].content }}"
      let names = (0..<80).map { "many-\($0)" }
      for name in names {
        _ = try await daemon.channel.unary(
          TemplatesMethods.put,
          .with {
            $0.name = name
            $0.source = source
          })
      }
      var request = ProtoListTemplatesRequest()
      var listed: [ProtoTemplate] = []
      var pages = 0
      repeat {
        let page = try await daemon.channel.unary(TemplatesMethods.list, request)
        listed += page.templates
        request.pageToken = page.nextPageToken
        pages += 1
      } while !request.pageToken.isEmpty
      #expect(pages > 1)
      #expect(Set(listed.map(\.name)).isSuperset(of: names) && Set(listed.map(\.name)).count == listed.count)
      #expect(listed.filter { names.contains($0.name) }.allSatisfy { $0.stop.count == 64 })
    }
  }

  @Test("Presets of many large files are listed for a client that takes 4 MiB") func presets() async throws {
    try await TestDaemon.run(.unixSocket) { daemon in
      let breaker = String(repeating: "b", count: 40)
      let breakers = (0..<64).map { _ in "\"\(breaker)\"" }.joined(separator: ", ")
      // As long as a summary may be, and more than 4 MiB in all.
      let text =
        "description: \"\(String(repeating: "d", count: 40_000))\"\ndry_sequence_breakers: [\(breakers)]\n"
      await daemon.host.takePresets(
        (0..<120).map { .edited(name: "p\($0)", path: "/p\($0)", text: text) })
      var request = ProtoListSamplersRequest()
      var (samplers, presets, pages) = (0, Set<String>(), 0)
      repeat {
        let page = try await daemon.channel.unary(SamplersMethods.list, request)
        samplers += page.samplers.count
        presets.formUnion(page.presets.map(\.name))
        request.pageToken = page.nextPageToken
        pages += 1
      } while !request.pageToken.isEmpty
      #expect(pages > 1 && samplers > 10)
      #expect(presets.isSuperset(of: (0..<120).map { "p\($0)" }))
    }
  }

  @Test("A check of a template with thousands of foreign markers on one line stays short") func findings()
    async throws
  {
    try await TestDaemon.run(.unixSocket) { daemon in
      _ = try await daemon.load()
      let letters = Array("abcdefghijklmnopqrstuvwxyz")
      let markers = (0..<4000).map { "<|\(letters[$0 % 26])\($0)|>" }.joined()
      let response = try await daemon.channel.unary(
        TemplatesMethods.check,
        .with {
          $0.model = "tiny"
          $0.source = markers + "{{ messages[0].content }}" + String(repeating: "z", count: 100_000)
        })
      #expect(response.findings.count > 50)
      #expect(try response.serializedData().count < 256 << 10)
      #expect(response.findings.allSatisfy { $0.excerpt.count < 300 && $0.message.count < 2000 })
    }
  }
}
