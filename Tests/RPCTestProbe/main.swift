// A process of its own for the tests of RPC that need one: to be killed, to run out of descriptors, to count its own
// calls and descriptors with no others among them. Prints what it finds, line by line.

import Glibc
import RPC

/// Writes a line at once, where `print` keeps it while the output is a pipe.
func say(_ line: String) {
  let bytes = Array((line + "\n").utf8)
  _ = write(1, bytes, bytes.count)
}

func echo(_ name: String, _ kind: MethodKind) -> Method<[UInt8], [UInt8]> {
  Method(
    service: "test.Echo", name: name, kind: kind,
    encodeRequest: { $0 }, decodeRequest: { $0 }, encodeResponse: { $0 }, decodeResponse: { $0 })
}

let sayMethod = echo("Say", .unary)
let count = echo("Count", .serverStreaming)
let sum = echo("Sum", .clientStreaming)
let talk = echo("Talk", .bidirectional)
let hang = echo("Hang", .unary)
let stall = echo("Stall", .serverStreaming)

func routes() -> RouteTable {
  var routes = RouteTable()
  routes.unary(sayMethod) { request, context in
    var answer = Metadata()
    for entry in context.metadata.entries where entry.key.hasPrefix("x-") {
      if case .text(let text) = entry.value { answer.append(entry.key, text) }
      if case .binary(let bytes) = entry.value { answer.append(entry.key, binary: bytes) }
    }
    try await context.sendInitialMetadata(answer)
    try context.setTrailingMetadata(answer)
    if request == Array("fail".utf8) { throw RPCError(.dataLoss, "ä 100%", details: [1, 0, 255]) }
    return request
  }
  routes.serverStreaming(count) { request, _, writer in
    for index in 0..<(Int(String(decoding: request, as: UTF8.self)) ?? 0) {
      try await writer.send(Array(String(index).utf8))
    }
  }
  routes.clientStreaming(sum) { requests, _ in
    var total = 0
    for try await request in requests { total += request.count }
    return Array(String(total).utf8)
  }
  routes.bidirectional(talk) { requests, _, writer in
    for try await request in requests { try await writer.send(request) }
  }
  routes.unary(hang) { _, _ in
    say("started")
    defer { say("cancelled") }
    try await Task.sleep(for: .seconds(3600))
    return []
  }
  routes.serverStreaming(stall) { _, _, writer in
    try await writer.send([1])
    try await Task.sleep(for: .seconds(3600))
  }
  return routes
}

/// Serves at a path until killed.
func serve(_ path: String) async throws {
  let server = try Server(configuration: ServerConfiguration(unixSocket: path), routes: routes())
  _ = try await server.start()
  say("ready")
  await server.waitUntilStopped()
}

/// Descriptors that this process has open.
func openDescriptors() -> Int {
  (0..<Int32(1024)).filter { fcntl($0, F_GETFD) != -1 }.count
}

/// Serves at a path with few descriptors: uses them all up, turns a client away, frees them, and lets one in again.
func exhaust(_ path: String) async throws {
  let server = try Server(configuration: ServerConfiguration(unixSocket: path), routes: routes())
  _ = try await server.start()
  let channel = try Channel(to: .unix(path))
  _ = try await channel.unary(sayMethod, [1])
  let extra = [
    socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0), socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0),
  ]
  // Above the descriptors that were inherited from other tests, which stay.
  let highest = (0..<Int32(1 << 16)).last { fcntl($0, F_GETFD) != -1 } ?? 2
  var limit = rlimit(rlim_cur: rlim_t(highest) + 32, rlim_max: rlim_t(highest) + 32)
  setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  var taken: [Int32] = []
  while true {
    let descriptor = open("/dev/null", O_RDONLY)
    if descriptor < 0 { break }
    taken.append(descriptor)
  }
  for descriptor in extra {
    say("refused \(connectAndSeeEnd(descriptor, path))")
  }
  let alive = try await channel.unary(sayMethod, [2])
  say("alive \(alive)")
  for descriptor in taken { close(descriptor) }
  let second = try Channel(to: .unix(path))
  let answer = try await second.unary(sayMethod, [3])
  say("recovered \(answer)")
  second.close()
  channel.close()
  await server.shutdown(drain: .zero)
  say("stopped")
}

/// Connects and waits until the server closes the connection.
func connectAndSeeEnd(_ descriptor: Int32, _ path: String) -> Bool {
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
  let connected = withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  var byte: UInt8 = 0
  return connected == 0 && read(descriptor, &byte, 1) <= 0
}

/// Cancels thousands of calls and counts what is left.
func leak(_ path: String, _ calls: Int) async throws {
  let server = try Server(configuration: ServerConfiguration(unixSocket: path), routes: routes())
  _ = try await server.start()
  let channel = try Channel(to: .unix(path))
  // The first sleeps and calls open descriptors of the runtime's own, which stay.
  for number in 0..<40 { await cancelled(channel, number) }
  try await Task.sleep(for: .milliseconds(1))
  await settle()
  let before = openDescriptors()
  try await control(channel)
  await settle()
  for round in 0..<(calls / 100) {
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<100 {
        group.addTask { await cancelled(channel, round + index) }
      }
    }
  }
  let inProcess = Channel(inProcess: routes())
  for number in 0..<400 { await cancelled(inProcess, number) }
  inProcess.close()
  await settle()
  say("left \(RPCDiagnostics.liveCalls) \(RPCDiagnostics.liveOperations) \(RPCDiagnostics.liveMessages)")
  // The runtime may open another one of its own at any time; thousands of calls would leave thousands.
  let opened = openDescriptors() - before
  say("descriptors \(opened <= 4 ? "steady" : "\(opened) more")")

  channel.close()
  await server.shutdown(drain: .zero)
  say("endpoints \(RPCDiagnostics.liveEndpoints) posted \(RPCDiagnostics.postedRequests)")
}

/// Shows that the counters do count a call that lives.
func control(_ channel: Channel) async throws {
  let held = try await channel.serverStreaming(stall, [])
  var iterator = held.makeAsyncIterator()
  _ = try await iterator.next()
  say("held \(RPCDiagnostics.liveCalls) \(RPCDiagnostics.liveOperations > 0)")
}

/// One call, cancelled at some moment of its life.
func cancelled(_ channel: Channel, _ number: Int) async {
  let task = Task {
    switch number % 4 {
    case 0: _ = try await channel.unary(hang, [])
    case 1: for try await _ in try await channel.serverStreaming(stall, []) {}
    case 2: for try await _ in try await channel.serverStreaming(count, Array("100".utf8)) {}
    default:
      _ = try await channel.clientStreaming(sum) { writer in
        while true { try await writer.send([1, 2, 3]) }
      }
    }
  }
  for _ in 0..<(number % 37) { await Task.yield() }
  task.cancel()
  _ = await task.result
}

/// Waits until no call is left, at most some seconds: a leak is to be reported, not waited for.
func settle() async {
  for _ in 0..<1000 where RPCDiagnostics.liveCalls > 0 || RPCDiagnostics.liveOperations > 0 {
    try? await Task.sleep(for: .milliseconds(5))
  }
}

let arguments = CommandLine.arguments
switch arguments.dropFirst().first {
case "serve": try await serve(arguments[2])
case "exhaust": try await exhaust(arguments[2])
case "leak": try await leak(arguments[2], Int(arguments[3]) ?? 0)
default: say("serve PATH|PORT, exhaust PATH or leak PATH CALLS")
}
