import RPC
import SwiftProtobuf
import WorkbenchAPI

// Lists that come in pages, whole.
extension Client {
  /// All templates; with a model, its own ones too.
  func templates(of model: String?) async throws -> ProtoListTemplatesResponse {
    var request = ProtoListTemplatesRequest()
    if let model { request.model = model }
    return try await whole(TemplatesMethods.list, request) { $0.templates += $1.templates }
  }

  /// The sampler stages and presets.
  func samplers() async throws -> ProtoListSamplersResponse {
    try await whole(SamplersMethods.list, ProtoListSamplersRequest()) {
      $0.samplers += $1.samplers
      $0.presets += $1.presets
    }
  }

  /// The profiles.
  func profiles() async throws -> ProtoListProfilesResponse {
    try await whole(ProfilesMethods.list, ProtoListProfilesRequest()) { $0.profiles += $1.profiles }
  }

  /// The plugin libraries.
  func plugins() async throws -> ProtoListPluginsResponse {
    try await whole(PluginsMethods.list, ProtoListPluginsRequest()) { $0.plugins += $1.plugins }
  }

  /// Asks for page after page; `add` appends the items of one to those before it.
  private func whole<Request: PagedRequest, Response: Page>(
    _ method: Method<Request, Response>, _ request: Request, _ add: (inout Response, Response) -> Void
  ) async throws -> Response {
    var request = request
    var list = try await call(method, request)
    while !list.nextPageToken.isEmpty {
      request.pageToken = list.nextPageToken
      let page = try await call(method, request)
      add(&list, page)
      list.nextPageToken = page.nextPageToken
    }
    return list
  }
}

/// A request for a page of a list.
private protocol PagedRequest: Message {
  var pageToken: String { get set }
}

/// A page of a list.
private protocol Page: Message {
  var nextPageToken: String { get set }
}

extension ProtoListTemplatesRequest: PagedRequest {}
extension ProtoListTemplatesResponse: Page {}
extension ProtoListSamplersRequest: PagedRequest {}
extension ProtoListSamplersResponse: Page {}
extension ProtoListProfilesRequest: PagedRequest {}
extension ProtoListProfilesResponse: Page {}
extension ProtoListPluginsRequest: PagedRequest {}
extension ProtoListPluginsResponse: Page {}
