// Calls a second over a unix socket, server and client in one process, or against a server given by its path.
//
//   RPCBenchmark [SOCKET]      measures, on a server of its own without an argument
//   RPCBenchmark serve SOCKET  only serves, for a client of another make
//   RPCBenchmark relay         what a message costs on its way through a relay, three processes in all

import Glibc
import RPC

func echo(_ name: String, _ kind: MethodKind) -> Method<[UInt8], [UInt8]> {
  Method(
    service: "test.Echo", name: name, kind: kind,
    encodeRequest: { $0 }, decodeRequest: { $0 }, encodeResponse: { $0 }, decodeResponse: { $0 })
}

let say = echo("Say", .unary)
let count = echo("Count", .serverStreaming)

func serve(_ path: String) async throws -> Server {
  var routes = RouteTable()
  routes.unary(say) { request, _ in request }
  routes.serverStreaming(count) { request, _, writer in
    let message = [UInt8](repeating: 1, count: 64)
    for _ in 0..<(Int(String(decoding: request, as: UTF8.self)) ?? 0) { try await writer.send(message) }
  }
  let server = try Server(configuration: ServerConfiguration(unixSocket: path), routes: routes)
  _ = try await server.start()
  return server
}

/// Runs `body` and prints how many of `total` things a second it did.
func measure(_ name: String, _ total: Int, _ body: () async throws -> Void) async rethrows {
  let start = ContinuousClock.now
  try await body()
  let seconds = start.duration(to: .now) / .seconds(1)
  print("\(name): \(Int(Double(total) / seconds))/s")
}

func run(_ path: String) async throws {
  let channel = try Channel(to: .unix(path))
  let message = [UInt8](repeating: 1, count: 64)
  for _ in 0..<500 { _ = try await channel.unary(say, message) }
  try await measure("unary, one at a time", 5000) {
    for _ in 0..<5000 { _ = try await channel.unary(say, message) }
  }
  try await measure("unary, 32 at a time", 20_000) {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<32 {
        group.addTask { for _ in 0..<625 { _ = try await channel.unary(say, message) } }
      }
      try await group.waitForAll()
    }
  }
  try await measure("messages of one stream", 20_000) {
    for try await _ in try await channel.serverStreaming(count, Array("20000".utf8)) {}
  }
  channel.close()
}

let arguments = CommandLine.arguments
switch (arguments.count, arguments.dropFirst().first) {
case (3, "serve"): await (try await serve(arguments[2])).waitUntilStopped()
case (2, "relay"): try await RelayBenchmark(folder: "/tmp/rpc-benchmark-\(getpid())").run()
case (3, "source"): try await RelayBenchmark.source(arguments[2])
case (4, "relay"): try await RelayBenchmark.relay(arguments[2], from: arguments[3])
case (2, let path?): try await run(path)
default:
  let path = "/tmp/rpc-benchmark-\(getpid())"
  let server = try await serve(path)
  try await run(path)
  await server.shutdown(drain: .zero)
  unlink(path + ".lock")
}
