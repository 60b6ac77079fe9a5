import NIOCore

/// One end of a relayed connection in its channel's pipeline.
///
/// It reads only while the other end takes what was read, so that neither direction holds more than a buffer.
final class RelaySide: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  enum End { case client, server }

  private let end: End
  private let connection: Connection
  private var context: ChannelHandlerContext?
  private var wantsRead = false

  init(_ end: End, of connection: Connection) {
    self.end = end
    self.connection = connection
  }

  /// Takes up reading that was put off.
  func resumeReading() {
    guard wantsRead, let context else { return }
    read(context: context)
  }

  func handlerAdded(context: ChannelHandlerContext) { self.context = context }

  func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

  func read(context: ChannelHandlerContext) {
    wantsRead = !connection.mayRead(from: end)
    if !wantsRead { context.read() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    connection.received(unwrapInboundIn(data), from: end)
  }

  func channelReadComplete(context: ChannelHandlerContext) {
    connection.flush(from: end)
    context.fireChannelReadComplete()
  }

  func channelWritabilityChanged(context: ChannelHandlerContext) {
    connection.writabilityChanged(of: end, to: context.channel.isWritable)
    context.fireChannelWritabilityChanged()
  }

  func channelInactive(context: ChannelHandlerContext) {
    connection.ended(end)
    context.fireChannelInactive()
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    connection.failed(end, error)
    context.close(promise: nil)
  }
}
