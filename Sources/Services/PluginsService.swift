import Host
import RPC
import WorkbenchAPI

/// `workbench.v1.Plugins`.
struct PluginsService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(PluginsMethods.list) { request, _ in
      var pages = try ReplyPages(from: request.pageToken)
      var response = ProtoListPluginsResponse()
      response.plugins = try pages.take(await host.pluginReport().map { ProtoPlugin($0) })
      response.nextPageToken = pages.nextToken
      return response
    }
  }
}
