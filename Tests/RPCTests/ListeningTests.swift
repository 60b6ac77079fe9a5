import Glibc
import RPC
import Testing

@Suite(.timeLimit(.minutes(60)))
struct ListeningTests {
  private func server(_ configuration: ServerConfiguration) throws -> Server {
    try Server(configuration: configuration, routes: echoRoutes())
  }

  /// Calls a server at a path on a connection of its own.
  private func call(_ path: String) async throws -> [UInt8] {
    let channel = try Channel(to: .unix(path))
    defer { channel.close() }
    return try await channel.unary(Echo.say, [7])
  }

  private func mode(_ path: String) -> UInt32 {
    var status = stat()
    return lstat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  private func connect(_ path: String) -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let result = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    return result == 0 ? descriptor : -1
  }

  @Test("The socket is the user's alone, and gone after the end")
  func mode() async throws {
    let folder = Folder()
    let path = folder.file("a b%20?#ü.sock")
    let server = try server(ServerConfiguration(unixSocket: path))
    _ = try await server.start()
    #expect(mode(path) == 0o600)
    let answer = try await call(path)
    #expect(answer == [7])
    await server.shutdown(drain: .zero)
    #expect(access(path, F_OK) != 0)
  }

  @Test("A second server on a live socket is refused and the first goes on")
  func secondServer() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let first = try server(ServerConfiguration(unixSocket: path))
    _ = try await first.start()
    for _ in 0..<5 {
      let second = try server(ServerConfiguration(unixSocket: path))
      let error = await failure { _ = try await second.start() }
      #expect(error == RPCError(.alreadyExists, "another server is listening at \(path)"))
      let answer = try await call(path)
      #expect(answer == [7])
    }
    await first.shutdown(drain: .zero)
    let third = try server(ServerConfiguration(unixSocket: path))
    _ = try await third.start()
    let answer = try await call(path)
    #expect(answer == [7])
    await third.shutdown(drain: .zero)
  }

  @Test("Of servers that start together exactly one gets the socket")
  func race() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let servers = try (0..<8).map { _ in try server(ServerConfiguration(unixSocket: path)) }
    let winners = await withTaskGroup(of: Bool.self) { group in
      for server in servers { group.addTask { (try? await server.start()) != nil } }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(winners == 1)
    let answer = try await call(path)
    #expect(answer == [7])
    for server in servers { await server.shutdown(drain: .zero) }
  }

  @Test("A foreign program's live socket is left alone")
  func foreignServer() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let first = try server(ServerConfiguration(unixSocket: path))
    _ = try await first.start()
    // Without its lock file the first server looks like another program.
    unlink(path + ".lock")
    let second = try server(ServerConfiguration(unixSocket: path))
    let error = await failure { _ = try await second.start() }
    #expect(error?.code == .alreadyExists)
    let answer = try await call(path)
    #expect(answer == [7])
    await first.shutdown(drain: .zero)
  }

  @Test("The socket of a killed server is replaced")
  func staleSocket() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let probe = try #require(Probe("serve", path))
    let ready = await probe.line()
    #expect(ready == "ready")
    let refused = try server(ServerConfiguration(unixSocket: path))
    let error = await failure { _ = try await refused.start() }
    #expect(error?.code == .alreadyExists)
    probe.kill()
    #expect(access(path, F_OK) == 0)
    let second = try server(ServerConfiguration(unixSocket: path))
    _ = try await second.start()
    let answer = try await call(path)
    #expect(answer == [7])
    await second.shutdown(drain: .zero)
  }

  @Test("A file or folder at the path is refused and stays")
  func regularFile() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let descriptor = open(path, O_CREAT | O_WRONLY, 0o644)
    #expect(write(descriptor, "data", 4) == 4)
    close(descriptor)
    let blocked = try server(ServerConfiguration(unixSocket: path))
    let error = await failure { _ = try await blocked.start() }
    #expect(error?.code == .failedPrecondition)
    #expect(error?.message.contains(path) == true)
    var status = stat()
    #expect(lstat(path, &status) == 0 && status.st_size == 4)
  }

  @Test("A path that no socket can have is refused with its length")
  func longPath() async throws {
    let path = "/tmp/" + String(repeating: "x", count: 103)
    let error = await failure { _ = try server(ServerConfiguration(unixSocket: path)) }
    #expect(error?.code == .invalidArgument)
    #expect(error?.message.contains("108 bytes") == true)
    let client = await failure { _ = try Channel(to: .unix(path)) }
    #expect(client?.code == .invalidArgument)
    let folder = Folder()
    let longest = folder.file(String(repeating: "x", count: 107 - folder.path.utf8.count - 1))
    let good = try server(ServerConfiguration(unixSocket: longest))
    _ = try await good.start()
    let answer = try await call(longest)
    #expect(answer == [7])
    await good.shutdown(drain: .zero)
  }

  @Test("A missing folder is an error that says so")
  func missingFolder() async throws {
    let lost = try server(ServerConfiguration(unixSocket: "/tmp/rpc-no-such-folder/s"))
    let error = await failure { _ = try await lost.start() }
    #expect(error?.message.contains("No such file or directory") == true)
  }

  @Test("Unix socket and a descriptor serve at the same time")
  func everything() async throws {
    let folder = Folder()
    var pair: [Int32] = [-1, -1]
    #expect(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &pair) == 0)
    let server = try server(
      ServerConfiguration(unixSocket: folder.file("s"), connectedDescriptors: [pair[0]]))
    _ = try await server.start()
    for target in [Target.unix(folder.file("s")), .descriptor(pair[1])] {
      let channel = try Channel(to: target)
      let answer = try await channel.unary(Echo.say, [7])
      #expect(answer == [7], "\(target)")
      channel.close()
    }
    await server.shutdown(drain: .zero)
  }

  @Test("What does not speak HTTP/2 is closed; what is silent keeps nobody waiting")
  func strangers() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let server = try server(ServerConfiguration(unixSocket: path))
    _ = try await server.start()
    let silent = (0..<20).map { _ in connect(path) }
    let stranger = connect(path)
    let cut = await blocking {
      send(stranger, "GET / HTTP/1.1\r\n\r\n", 18, Int32(MSG_NOSIGNAL)) == 18
        && Self.readByte(stranger) == nil
    }
    #expect(cut)
    // A preface that comes byte by byte is accepted: the server's settings come back.
    let slow = connect(path)
    let accepted = await blocking {
      for var byte in "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".utf8 {
        if send(slow, &byte, 1, Int32(MSG_NOSIGNAL)) != 1 { return false }
        usleep(100)
      }
      return Self.readByte(slow) != nil
    }
    #expect(accepted)
    let answer = try await call(path)
    #expect(answer == [7])
    for descriptor in silent + [stranger, slow] { close(descriptor) }
    await server.shutdown(drain: .zero)
  }

  private static func readByte(_ descriptor: Int32) -> UInt8? {
    var byte: UInt8 = 0
    return read(descriptor, &byte, 1) == 1 ? byte : nil
  }

  @Test("Connections over the limit are closed; when one ends, the next is let in")
  func connectionLimit() async throws {
    let folder = Folder()
    let path = folder.file("s")
    var configuration = ServerConfiguration(unixSocket: path)
    configuration.maxConnections = 2
    let server = try server(configuration)
    _ = try await server.start()
    let channels = try (0..<2).map { _ in try Channel(to: .unix(path)) }
    for channel in channels { _ = try await channel.unary(Echo.say, []) }
    #expect(server.connectionCount == 2)
    let third = try Channel(to: .unix(path))
    let error = await failure { _ = try await third.unary(Echo.say, []) }
    #expect(error?.code == .unavailable)
    // The third tries again by itself, so the count may never be seen at one.
    channels.first?.close()
    let answer = try await third.unary(Echo.say, [7], options: CallOptions(waitForReady: true))
    #expect(answer == [7])
    await server.shutdown(drain: .zero)
  }

  @Test("However connections come and go, the server knows how many there are")
  func connectionCount() async throws {
    let folder = Folder()
    let path = folder.file("s")
    let server = try server(ServerConfiguration(unixSocket: path))
    _ = try await server.start()
    let kept = try Channel(to: .unix(path))
    _ = try await kept.unary(Echo.say, [])
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          for _ in 0..<40 {
            let answer = try? await self.call(path)
            #expect(answer == [7])
          }
        }
      }
    }
    await until { server.connectionCount == 1 }
    _ = try await kept.unary(Echo.say, [])
    kept.close()
    await until { server.connectionCount == 0 }
    await server.shutdown(drain: .zero)
  }

  @Test("Running out of descriptors closes newcomers, keeps the rest, and ends when descriptors return")
  func exhaustion() async throws {
    let folder = Folder()
    let probe = try #require(Probe("exhaust", folder.file("s")))
    let lines = await probe.lines()
    #expect(lines == ["refused true", "refused true", "alive [2]", "recovered [3]", "stopped"])
  }

  @Test("A descriptor that is not a socket is refused, not crashed on")
  func badDescriptors() async throws {
    for descriptor: Int32 in [-1, 9999] {
      let error = await failure { _ = try Channel(to: .descriptor(descriptor)) }
      #expect(error?.code == .invalidArgument)
    }
    try await withEcho { _, server in
      let error = await failure { try server.adopt(descriptor: 9999) }
      #expect(error?.code == .invalidArgument)
    }
  }

  @Test("Addresses are read as people write them")
  func targets() throws {
    #expect(try Target(parsing: "unix:/a/b") == .unix("/a/b"))
    #expect(try Target(parsing: "unix:///a/b") == .unix("/a/b"))
    #expect(try Target(parsing: "unix:rel") == .unix("rel"))
    #expect(try Target(parsing: "/a:1") == .unix("/a:1"))
    #expect(try Target(parsing: "localhost:50051") == .tcp(host: "localhost", port: 50051))
    #expect(try Target(parsing: "[::1]:80") == .tcp(host: "::1", port: 80))
    for text in ["", "host", ":80", "host:", "host:0", "host:65536", "host:-1", "[]:1"] {
      #expect(throws: RPCError.self, "\(text)") { _ = try Target(parsing: text) }
    }
  }
}
