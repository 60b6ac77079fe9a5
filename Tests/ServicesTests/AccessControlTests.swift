import Access
import Concurrency
import Glibc
import Host
import RPC
import RoleTestSupport
import State
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@testable import Services

/// What each method needs, written once more: a change in the table must be meant.
private let expected = """
  nothing /grpc.health.v1.Health/Check
  nothing /grpc.health.v1.Health/Watch
  read    /grpc.reflection.v1.ServerReflection/ServerReflectionInfo
  read    /grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo
  read    /workbench.v1.Daemon/Status
  read    /workbench.v1.Models/Get
  read    /workbench.v1.Models/List
  read    /workbench.v1.Plugins/List
  read    /workbench.v1.Profiles/Get
  read    /workbench.v1.Profiles/List
  read    /workbench.v1.Samplers/List
  read    /workbench.v1.Templates/Get
  read    /workbench.v1.Templates/List
  read    /workbench.v1.Tokenizers/List
  use     /workbench.v1.Conversations/Append
  use     /workbench.v1.Conversations/Create
  use     /workbench.v1.Conversations/Delete
  use     /workbench.v1.Conversations/Export
  use     /workbench.v1.Conversations/Fork
  use     /workbench.v1.Conversations/Get
  use     /workbench.v1.Conversations/Import
  use     /workbench.v1.Conversations/List
  use     /workbench.v1.Conversations/Rename
  use     /workbench.v1.Generation/Chat
  use     /workbench.v1.Generation/Generate
  use     /workbench.v1.Generation/Score
  use     /workbench.v1.Models/Load
  use     /workbench.v1.Templates/Check
  use     /workbench.v1.Templates/Render
  use     /workbench.v1.Tokenizers/Compare
  use     /workbench.v1.Tokenizers/Detokenize
  use     /workbench.v1.Tokenizers/Export
  use     /workbench.v1.Tokenizers/Tokenize
  manage  /workbench.v1.Daemon/Drain
  manage  /workbench.v1.Models/Convert
  manage  /workbench.v1.Models/Unload
  manage  /workbench.v1.Models/Update
  manage  /workbench.v1.Templates/Put
  manage  /workbench.v1.Templates/Remove
  """

private let requirements: [String: Requirement] = Dictionary(
  uniqueKeysWithValues: expected.split(separator: "\n").map { line in
    let words = line.split(separator: " ").map(String.init)
    return (words[1], Role(rawValue: words[0]).map { .role($0) } ?? .nothing)
  })

@Suite("Who may call what", .timeLimit(.minutes(60))) struct AccessControlTests {
  /// A caller, and the role that it has; nil: its token counts for nothing.
  private struct Caller: CustomStringConvertible {
    var description: String
    var channel: Channel
    var authorization: String?
    var role: Role?
  }

  private func paths(_ routes: RouteTable) -> [String] {
    routes.services.flatMap { service, names in names.map { "/\(service)/\($0)" } }
  }

  private func routes(_ access: AccessControl = AccessControl()) throws -> RouteTable {
    DaemonAPI(
      host: ModelHost(launcher: InProcessLauncher(), log: silent, patience: .long),
      state: try StateFile.inMemory(),
      facts: DaemonFacts(version: "0", instructionSet: "", addresses: { [] }), ends: DaemonEnds(),
      access: access
    ).routes()
  }

  @Test("Every method of the API, its descriptors and the routes has its role")
  func complete() throws {
    #expect(MethodRoles.table == requirements)
    #expect(Set(paths(try routes())) == Set(requirements.keys))
    var described: Set<String> = []
    for bytes in FileDescriptors().files.values {
      let file = try Google_Protobuf_FileDescriptorProto(serializedBytes: bytes)
      for service in file.service {
        for method in service.method { described.insert("/\(file.package).\(service.name)/\(method.name)") }
      }
    }
    #expect(described == Set(requirements.keys))
  }

  /// The status of a call that is ended with ABORTED once it was admitted.
  private func status(_ path: String, _ caller: Caller) async -> RPCError? {
    let words = path.split(separator: "/").map(String.init)
    let method = Method<[UInt8], [UInt8]>(
      service: words[0], name: words[1], kind: .unary, encodeRequest: { $0 }, decodeRequest: { $0 },
      encodeResponse: { $0 }, decodeResponse: { $0 })
    var options = CallOptions(timeout: .seconds(3600))
    if let authorization = caller.authorization { options.metadata["authorization"] = authorization }
    do throws(RPCError) {
      _ = try await caller.channel.unary(method, [], options: options)
      return nil
    } catch {
      return error
    }
  }

  private func check(_ callers: [Caller], _ methods: [String: Requirement]) async {
    for (path, requirement) in methods {
      for caller in callers {
        let status = await status(path, caller)
        let expected: StatusCode =
          switch (requirement, caller.role) {
          case (.nothing, _): .aborted
          case (.role, nil): .unauthenticated
          case (.role(let needed), let role?): role < needed ? .permissionDenied : .aborted
          }
        #expect(status?.code == expected, "\(path) by \(caller): \(status?.description ?? "OK")")
        if expected == .permissionDenied, case .role(let needed) = requirement {
          #expect(status?.message.contains("needs the role '\(needed.rawValue)'") == true)
        }
        if expected == .unauthenticated {
          #expect(status?.message.contains("workbench token create") == true)
        }
        if let secret = caller.authorization?.split(separator: " ").last, secret != "Bearer" {
          #expect(status?.message.contains(secret) == false, "\(path) by \(caller) repeats the token")
        }
      }
    }
  }

  @Test("Each method for each role over each transport")
  func matrix() async throws {
    let folder = try TemporaryFolder()
    let file = TokenFile(folder.file("tokens"))
    let secrets = Dictionary(uniqueKeysWithValues: Role.allCases.map { ($0, Secret.make()) })
    for (role, secret) in secrets {
      try file.update { list throws(AccessError) in try list.add("t-\(role.rawValue)", role, token: secret) }
    }
    let withTokens = AccessControl(tokens: try TokenStore(path: file.path))
    let without = AccessControl()
    func admit(_ access: AccessControl) -> @Sendable (ServerContext) async throws -> Void {
      { context in
        try access.admit(context)
        throw RPCError(.aborted, "admitted")
      }
    }
    let tcp = try await TCPServer(try routes(), admit: admit(withTokens))
    let openTCP = try await TCPServer(try routes(), admit: admit(without))
    var configuration = ServerConfiguration(unixSocket: folder.file("s"))
    configuration.admit = admit(withTokens)
    let socket = try Server(configuration: configuration, routes: try routes())
    _ = try await socket.start()
    let unix = try Channel(to: .unix(folder.file("s")))
    let inProcess = Channel(inProcess: try routes(), admit: admit(withTokens))
    var callers = [
      Caller(description: "tcp without a token", channel: tcp.channel),
      Caller(
        description: "tcp, unknown token", channel: tcp.channel, authorization: "Bearer \(Secret.make())"),
      Caller(description: "tcp, empty token", channel: tcp.channel, authorization: "Bearer"),
      Caller(
        description: "tcp, basic", channel: tcp.channel, authorization: "Basic \(secrets[.manage] ?? "")"),
      Caller(
        description: "tcp, cut token", channel: tcp.channel,
        authorization: "Bearer \(secrets[.manage]?.dropLast() ?? "")"),
      Caller(description: "unix socket", channel: unix, role: .manage),
      Caller(description: "in process", channel: inProcess, role: .manage),
      Caller(description: "tcp of a daemon without tokens", channel: openTCP.channel, role: .use),
      Caller(
        description: "tcp of a daemon without tokens, token", channel: openTCP.channel,
        authorization: "Bearer x-y-z",
        role: .use),
    ]
    for (role, secret) in secrets {
      callers.append(
        Caller(
          description: "tcp, \(role)", channel: tcp.channel, authorization: "bearer \(secret)", role: role))
    }
    await check(callers, requirements)
    for caller in callers {
      let unknown = await status("/workbench.v1.Models/Nosuch", caller)
      #expect(unknown?.code == .unimplemented)
    }
    // Revoked: the next call is refused.
    try file.update { list throws(AccessError) in try list.remove("t-use") }
    let revoked = Caller(
      description: "tcp, revoked", channel: tcp.channel, authorization: "Bearer \(secrets[.use] ?? "")")
    await check([revoked], requirements)
    for channel in [unix, inProcess] { channel.close() }
    await socket.shutdown(drain: .zero)
    await tcp.stop()
    await openTCP.stop()
  }

  @Test("A method that the table lacks is served to nobody, the owner included")
  func unknownMethod() async throws {
    var routes = RouteTable()
    let method = Method<[UInt8], [UInt8]>(
      service: "workbench.v1.New", name: "Method", kind: .unary, encodeRequest: { $0 },
      decodeRequest: { $0 }, encodeResponse: { $0 }, decodeResponse: { $0 })
    routes.unary(method) { request, _ in request }
    let channel = Channel(inProcess: routes, admit: AccessControl().admit)
    let caller = Caller(description: "in process", channel: channel, role: .manage)
    #expect(await status(method.path, caller)?.code == .permissionDenied)
  }

  @Test("The unix socket is its owner's and root's")
  func owner() throws {
    let access = AccessControl(owner: 1234)
    for uid in [0, 1234] as [UInt32] {
      #expect(try access.caller(.unix(uid: uid, pid: 1), [:]).role == .manage)
    }
    #expect {
      try access.caller(.unix(uid: 1235, pid: 1), ["authorization": "Bearer x"])
    } throws: { error in
      error as? RPCError
        == RPCError(.permissionDenied, "the unix socket belongs to user 1234; user 1235 cannot use it")
    }
  }
}
