import Host
import RPC
import WorkbenchAPI

/// `workbench.v1.Plugins`.
struct PluginsService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(PluginsMethods.list) { _, _ in
      var response = ProtoListPluginsResponse()
      response.plugins = await host.pluginReport().map { ProtoPlugin($0) }
      return response
    }
  }
}
