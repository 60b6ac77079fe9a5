import Hummingbird
import NIOCore

/// What a request's handlers know beside the request.
struct GatewayContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The channel that it came over.
  let channel: any Channel

  init(source: Source) {
    coreContext = .init(source: source)
    channel = source.channel
  }
}
