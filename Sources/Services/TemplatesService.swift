import Host
import RPC
import Runtime
import WorkbenchAPI

/// `workbench.v1.Templates`.
struct TemplatesService: Sendable {
  let host: ModelHost

  func register(in routes: inout RouteTable) {
    routes.unary(TemplatesMethods.list) { request, _ in
      let list = try await host.templateList(model: request.hasModel ? request.model : nil)
      var response = ProtoListTemplatesResponse()
      response.templates = list.templates.map { ProtoTemplate($0) }
      response.modelTemplate = list.modelTemplate
      return response
    }
    routes.unary(TemplatesMethods.get) { request, _ in
      let template = try await host.template(request.name, model: request.hasModel ? request.model : nil)
      var response = ProtoGetTemplateResponse()
      response.template = ProtoTemplate(template)
      response.source = template.source
      return response
    }
    routes.unary(TemplatesMethods.render) { request, _ in
      let (rendered, name) = try await host.render(
        model: request.hasModel ? request.model : nil, template: choice(of: request),
        input: try PromptInput(request), bosToken: request.hasBosToken ? request.bosToken : nil,
        eosToken: request.hasEosToken ? request.eosToken : nil)
      var response = ProtoRenderTemplateResponse(rendered)
      response.template = name
      return response
    }
  }

  private func choice(of request: ProtoRenderTemplateRequest) -> TemplateChoice {
    switch request.template {
    case .name(let name): .named(name)
    case .source(let source): .source(source)
    case nil: .modelDefault
    }
  }
}
