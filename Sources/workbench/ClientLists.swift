import WorkbenchAPI

// Lists that come in pages, whole.
extension Client {
  /// All templates; with a model, its own ones too.
  func templates(of model: String?) async throws -> ProtoListTemplatesResponse {
    var request = ProtoListTemplatesRequest()
    if let model { request.model = model }
    var list = try await call(TemplatesMethods.list, request)
    while !list.nextPageToken.isEmpty {
      request.pageToken = list.nextPageToken
      let page = try await call(TemplatesMethods.list, request)
      list.templates += page.templates
      list.nextPageToken = page.nextPageToken
    }
    return list
  }

  /// The sampler stages and presets.
  func samplers() async throws -> ProtoListSamplersResponse {
    var request = ProtoListSamplersRequest()
    var list = try await call(SamplersMethods.list, request)
    while !list.nextPageToken.isEmpty {
      request.pageToken = list.nextPageToken
      let page = try await call(SamplersMethods.list, request)
      list.samplers += page.samplers
      list.presets += page.presets
      list.nextPageToken = page.nextPageToken
    }
    return list
  }

  /// The profiles.
  func profiles() async throws -> ProtoListProfilesResponse {
    var request = ProtoListProfilesRequest()
    var list = try await call(ProfilesMethods.list, request)
    while !list.nextPageToken.isEmpty {
      request.pageToken = list.nextPageToken
      let page = try await call(ProfilesMethods.list, request)
      list.profiles += page.profiles
      list.nextPageToken = page.nextPageToken
    }
    return list
  }

  /// The plugin libraries.
  func plugins() async throws -> ProtoListPluginsResponse {
    var request = ProtoListPluginsRequest()
    var list = try await call(PluginsMethods.list, request)
    while !list.nextPageToken.isEmpty {
      request.pageToken = list.nextPageToken
      let page = try await call(PluginsMethods.list, request)
      list.plugins += page.plugins
      list.nextPageToken = page.nextPageToken
    }
    return list
  }
}
