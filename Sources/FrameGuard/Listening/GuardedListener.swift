import Concurrency
import Glibc
import NIOCore
import NIOPosix
import NIOSSL
import Synchronization

/// Accepts TCP connections, ends their TLS, and passes what their guards let through to a server of HTTP/2 in this
/// process.
///
/// One thread does all of it and never blocks.
public final class GuardedListener: Sendable {
  /// Gives one end of a connected, non-blocking socket to the server, which closes it, with the client's address.
  public typealias HandOver = @Sendable (_ descriptor: Int32, _ address: String) throws -> Void

  private let tls: TLSFiles?
  private let log: @Sendable (String) -> Void
  private let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
  /// Reads certificates and returns memory, which may block.
  private let helper = NIOThreadPool(numberOfThreads: 1)
  private let loop: any EventLoop
  private let registry: NIOLoopBoundBox<Registry>
  private let listeners = Mutex<[any Channel]>([])
  private let upkeep = Mutex<Task<Void, Never>?>(nil)

  /// A listener without an address yet.
  ///
  /// - Parameters:
  ///   - tls: Certificate and key for all addresses; nil: plain text.
  ///   - log: Takes a line for the operator, at most one a second about clients.
  public init(
    limits: GuardLimits = GuardLimits(), tls: TLSFiles? = nil, log: @escaping @Sendable (String) -> Void,
    handOver: @escaping HandOver
  ) {
    self.tls = tls
    self.log = log
    let loop = group.next()
    self.loop = loop
    let trim = MemoryTrim(on: helper)
    registry = .makeBoxSendingValue(
      Registry(limits, handOver, log: log) { trim.request() }, eventLoop: loop)
  }

  // MARK: Life

  /// Starts to listen.
  ///
  /// - Parameter addresses: Names or numbers of hosts with ports; 0 takes a free one.
  /// - Returns: The addresses with the ports that were assigned.
  public func start(
    at addresses: [(host: String, port: Int)]
  ) async throws -> [(host: String, port: Int)] {
    helper.start()
    var bound: [(host: String, port: Int)] = []
    do {
      for (host, port) in addresses {
        let channel = try await listen(host, port)
        listeners.withLock { $0.append(channel) }
        bound.append((host, channel.localAddress?.port ?? port))
      }
    } catch {
      await stop()
      throw error
    }
    let task = Task { await keepUp() }
    upkeep.withLock { $0 = task }
    return bound
  }

  /// Lets nobody in any more; connections stay.
  public func stopAccepting() async {
    let closed = listeners.withLock { listeners in
      defer { listeners = [] }
      return listeners
    }
    for channel in closed { try? await channel.close().get() }
  }

  /// Closes every connection and ends the threads; once, at the end.
  public func stop() async {
    await stopAccepting()
    let upkeep = upkeep.withLock { upkeep in
      defer { upkeep = nil }
      return upkeep
    }
    upkeep?.cancel()
    await upkeep?.value
    try? await loop.submit { self.registry.value.closeAll() }.get()
    try? await group.shutdownGracefully()
    try? await helper.shutdownGracefully()
  }

  /// How every limit stands; empty after the end.
  public func readings() async -> [LimitReading] {
    // The loop takes nothing any more once it has ended.
    guard upkeep.withLock({ $0 != nil }) else { return [] }
    return (try? await loop.submit { self.registry.value.readings() }.get()) ?? []
  }

  // MARK: Accepting

  private func listen(_ host: String, _ port: Int) async throws -> any Channel {
    let addresses = try await OwnThread.run(name: "resolve") { PeerAddress.resolve(host: host, port: port) }
    var failure = ListenError(host, port, 0)
    // The first that works: "localhost" may name a family that this machine lacks.
    for address in addresses {
      do {
        return try await bootstrap(for: address).bind(to: address).get()
      } catch let error as IOError {
        failure = ListenError(host, port, error.errnoCode)
        if error.errnoCode == EADDRINUSE { break }
      }
    }
    throw failure
  }

  private func bootstrap(for address: SocketAddress) -> ServerBootstrap {
    let (registry, tls) = (registry, tls)
    var bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: ListenerLimits.backlog)
      // Lets a restart pass connections in TIME_WAIT; it never shares a live port.
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .childChannelOption(.maxMessagesPerRead, value: 1)
      .childChannelOption(.recvAllocator, value: RelayOptions.allocator)
      .childChannelOption(.writeBufferWaterMark, value: RelayOptions.waterMark)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          guard let connection = registry.value.admit(channel) else { throw ChannelError.eof }
          if let tls {
            try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: tls.context))
          }
          try channel.pipeline.syncOperations.addHandler(connection.side(.client))
        }
      }
    if address.protocol == .inet6 {
      bootstrap = bootstrap.serverChannelOption(.socketOption(.ipv6_v6only), value: 1)
    }
    return bootstrap
  }

  // MARK: Upkeep

  /// Checks what is limited in time, and looks at the certificate files.
  private func keepUp() async {
    let interval = (try? await loop.submit { self.registry.value.limits.checkInterval }.get()) ?? .seconds(1)
    var nextLook = ContinuousClock.now + ListenerLimits.certificatePoll
    while !Task.isCancelled {
      guard (try? await Task.sleep(for: interval)) != nil else { return }
      try? await loop.submit { self.registry.value.check(at: .now) }.get()
      guard let tls, nextLook <= .now else { continue }
      nextLook = .now + ListenerLimits.certificatePoll
      if let line = try? await helper.runIfActive({ tls.refresh() }) { log(line) }
    }
  }
}
