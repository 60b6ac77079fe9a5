import Access
import Glibc
import Host
import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@testable import Services

@Suite("Files that requests name", .timeLimit(.minutes(60))) struct NamedFileTests {
  /// Every way in which a client can name a file, by the field.
  private static let fields = ["path", "tokenizer of a load", "tokenizer", "left", "right"]

  /// Names `path` in a field and `good` in the others; nil when the call succeeds.
  private func call(
    _ field: String, _ path: String, good: String, _ channel: Channel
  ) async -> RPCError? {
    do {
      switch field {
      case "path", "tokenizer of a load":
        let request = ProtoLoadModelRequest.with {
          $0.path = field == "path" ? path : good
          $0.name = "m\(UInt32.random(in: 0...UInt32.max))"
          if field != "path" { $0.tokenizer = path }
        }
        for try await _ in try await channel.serverStreaming(ModelsMethods.load, request) {}
      case "tokenizer":
        let request = ProtoTokenizeRequest.with {
          $0.tokenizer = path
          $0.text = .init("Hello".utf8)
        }
        _ = try await channel.unary(TokenizersMethods.tokenize, request)
      default:
        let request = ProtoCompareTokenizersRequest.with {
          $0.left = field == "left" ? path : good
          $0.right = field == "right" ? path : good
          $0.text = "Hello"
        }
        _ = try await channel.unary(TokenizersMethods.compare, request)
      }
      return nil
    } catch {
      return error
    }
  }

  /// A daemon on TCP whose callers have no token, and so the role `use`.
  private func withDaemon(
    folders: [String], _ body: (Channel, TestDaemon) async throws -> Void
  ) async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      let access = AccessControl(folders: ModelFolders(folders))
      let routes = DaemonAPI(
        host: daemon.host, state: daemon.state,
        facts: DaemonFacts(version: "0", instructionSet: "", addresses: { [] }),
        ends: daemon.ends, access: access
      ).routes()
      let server = try await TCPServer(routes, admit: access.admit)
      try await body(server.channel, daemon)
      await server.stop()
    }
  }

  @Test("A caller that may not manage names only what lies in the model folders")
  func folders() async throws {
    let folder = try TemporaryFolder()
    mkdir(folder.file("models"), 0o700)
    let (inside, outside) = (folder.file("models/in.gguf"), folder.file("out.gguf"))
    try TinyModel.write(to: inside)
    try TinyModel.write(to: outside)
    symlink(outside, folder.file("models/leaving.gguf"))
    symlink("in.gguf", folder.file("models/staying.gguf"))
    try await withDaemon(folders: [folder.file("models")]) { channel, daemon in
      for field in Self.fields {
        for path in [inside, folder.file("models/staying.gguf")] {
          let error = await call(field, path, good: inside, channel)
          #expect(error == nil, "\(field) \(path)")
        }
        let refused = [
          outside, folder.file("models/leaving.gguf"), folder.file("models/../out.gguf"),
          folder.file("models/nosuch.gguf"), folder.file("nosuch"), "in.gguf", "/etc/passwd",
        ]
        for path in refused {
          let error = await call(field, path, good: inside, channel)
          #expect(error?.code == .permissionDenied, "\(field) \(path): \(error?.message ?? "OK")")
        }
        // The same daemon's owner names any file.
        let error = await call(field, outside, good: inside, daemon.channel)
        #expect(error == nil, "\(field)")
      }
    }
  }

  @Test("Without model folders such a caller names no file at all")
  func noFolders() async throws {
    let folder = try TemporaryFolder()
    let path = folder.file("a.gguf")
    try TinyModel.write(to: path)
    try await withDaemon(folders: []) { channel, _ in
      for field in Self.fields {
        let error = await call(field, path, good: path, channel)
        #expect(error?.code == .permissionDenied && error?.message.contains("model_folders") == true)
      }
    }
  }

  @Test("A model that was loaded through a link has the link's name")
  func name() async throws {
    let folder = try TemporaryFolder()
    try TinyModel.write(to: folder.file("blob"))
    symlink("blob", folder.file("tiny.gguf"))
    try await withDaemon(folders: [folder.path]) { channel, daemon in
      let request = ProtoLoadModelRequest.with { $0.path = folder.file("tiny.gguf") }
      for try await _ in try await channel.serverStreaming(ModelsMethods.load, request) {}
      #expect(await daemon.host.records().map(\.name) == ["tiny"])
    }
  }
}
