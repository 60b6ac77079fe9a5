import Host
import RPC
import Runtime
import WorkbenchAPI

/// `workbench.v1.Plugins`.
struct PluginsService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(PluginsMethods.list) { _, _ in
      var response = ProtoListPluginsResponse()
      response.plugins = host.plugins.map { ProtoPlugin($0) }
      return response
    }
  }
}

extension ProtoPlugin {
  fileprivate init(_ record: PluginRecord) {
    self.init()
    path = record.path
    name = record.name
    version = record.version
    summary = record.summary
    state = record.refusal == nil ? .accepted : .refused
    reason = record.refusal ?? ""
    offers = record.offers.map { offer in
      var message = ProtoPluginOffer()
      message.kind = offer.kind
      message.name = offer.name
      message.summary = offer.summary
      message.callNanoseconds = offer.nanoseconds ?? 0
      return message
    }
  }
}
