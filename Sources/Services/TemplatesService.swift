import Host
import RPC
import Runtime
import WorkbenchAPI
import WorkerProtocol

/// `workbench.v1.Templates`.
struct TemplatesService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(TemplatesMethods.list) { request, _ in
      let list = try await host.templateList(model: request.hasModel ? request.model : nil)
      var pages = try ReplyPages(from: request.pageToken)
      var response = ProtoListTemplatesResponse()
      response.templates = try pages.take(list.templates.map { ProtoTemplate($0) })
      response.modelTemplate = list.modelTemplate
      response.nextPageToken = pages.nextToken
      return response
    }
    routes.unary(TemplatesMethods.get) { request, _ in
      let record = try await host.template(request.name, model: request.hasModel ? request.model : nil)
      var response = ProtoGetTemplateResponse()
      response.template = ProtoTemplate(record)
      response.source = record.template.source
      return response
    }
    routes.unary(TemplatesMethods.put) { request, _ in
      let (record, findings) = try await host.putTemplate(
        request.name, try content(of: request),
        ifVersion: request.hasIfVersion ? Int(request.ifVersion) : nil,
        force: request.force)
      var response = ProtoPutTemplateResponse()
      response.template = ProtoTemplate(record)
      response.findings = findings.map { ProtoTemplateFinding($0) }
      response.untilRestart = await !host.keepsState
      return response
    }
    routes.unary(TemplatesMethods.remove) { request, _ in
      var response = ProtoRemoveTemplateResponse()
      response.untilRestart = try await host.removeTemplate(
        request.name, ifVersion: request.hasIfVersion ? Int(request.ifVersion) : nil)
      return response
    }
    routes.unary(TemplatesMethods.check) { request, _ in
      let (report, name) = try await host.checkTemplate(
        choice(of: request.template), model: request.hasModel ? request.model : nil)
      var response = ProtoCheckTemplateResponse()
      response.findings = report.findings.map { ProtoTemplateFinding($0) }
      response.template = name
      return response
    }
    routes.unary(TemplatesMethods.render.relayingResponses()) { request, _ in
      RawMessage(
        try await host.render(
          try EncodedMessage(request), model: request.hasModel ? request.model : nil,
          template: choice(of: request.template), profile: request.hasProfile ? request.profile : nil))
    }
  }

  private func choice(of template: ProtoRenderTemplateRequest.OneOf_Template?) -> TemplateChoice {
    switch template {
    case .name(let name): .named(name)
    case .source(let source): .source(source)
    case nil: .modelDefault
    }
  }

  private func choice(of template: ProtoCheckTemplateRequest.OneOf_Template?) -> TemplateChoice {
    switch template {
    case .name(let name): .named(name)
    case .source(let source): .source(source)
    case nil: .modelDefault
    }
  }

  private func content(of request: ProtoPutTemplateRequest) throws -> TemplateContent {
    switch request.content {
    case .source(let source): return .source(source)
    case .version(let version): return .version(Int(version))
    case nil:
      throw WorkbenchError(
        .invalidArgument, "give a source, or the version to roll back to", field: "source")
    }
  }
}
