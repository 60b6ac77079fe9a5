import Host
import RPC
import Runtime
import WorkbenchAPI

/// `workbench.v1.Profiles`.
struct ProfilesService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(ProfilesMethods.list) { request, _ in
      var pages = try ReplyPages(from: request.pageToken)
      var response = ProtoListProfilesResponse()
      response.profiles = try pages.take(await host.profileList.map { ProtoProfile($0) })
      response.nextPageToken = pages.nextToken
      return response
    }
    routes.unary(ProfilesMethods.get) { request, _ in
      let profile = try await host.profile(request.name)
      var response = ProtoGetProfileResponse()
      response.profile = ProtoProfile(profile)
      response.yaml = profile.yaml
      return response
    }
  }
}
