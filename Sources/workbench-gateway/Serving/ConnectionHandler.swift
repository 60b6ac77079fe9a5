import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Watches one connection: how long the parts of a request take, whether the answer is read, and when the client goes.
final class ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  private let connections: Connections
  private var connection: Connection?
  /// Requests whose answer has not ended.
  private var requests = 0
  /// What closes the connection if the next part of a request is late.
  private var late: Scheduled<Void>?
  /// What closes it if the answer is not read.
  private var stalled: Scheduled<Void>?

  init(_ connections: Connections) {
    self.connections = connections
  }

  func handlerAdded(context: ChannelHandlerContext) {
    let connection = Connection(context.channel)
    self.connection = connection
    connections.add(connection)
    late = close(context, after: Limits.idle)
  }

  func handlerRemoved(context: ChannelHandlerContext) { leave() }

  func channelInactive(context: ChannelHandlerContext) {
    leave()
    context.fireChannelInactive()
  }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .some(.inputClosed) = event as? ChannelEvent { connection?.leave() }
    context.fireUserInboundEventTriggered(event)
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    switch unwrapInboundIn(data) {
    case .head:
      requests += 1
      if requests == 1, let connection { connections.mark(connection, isIdle: false) }
      late?.cancel()
      late = close(context, after: Limits.body)
    case .body: break
    case .end:
      late?.cancel()
      late = nil
    }
    context.fireChannelRead(data)
  }

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    if case .end = unwrapOutboundIn(data) {
      requests -= 1
      if requests <= 0 {
        requests = 0
        if let connection { connections.mark(connection, isIdle: true) }
        late?.cancel()
        late = close(context, after: Limits.idle)
      }
    }
    context.write(data, promise: promise)
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    stalled?.cancel()
    stalled = context.channel.isWritable ? nil : close(context, after: Limits.stalledAnswer)
    context.fireChannelWritabilityChanged()
  }

  private func close(_ context: ChannelHandlerContext, after time: TimeAmount) -> Scheduled<Void> {
    let channel = context.channel
    return context.eventLoop.scheduleTask(in: time) { channel.close(promise: nil) }
  }

  private func leave() {
    late?.cancel()
    stalled?.cancel()
    guard let connection else { return }
    self.connection = nil
    connections.remove(connection)
  }
}
