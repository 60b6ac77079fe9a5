import Foundation
import ModelFormats
import Pipeline
import RPC
import Runtime
import SwiftProtobuf
import Synchronization
import Tokens
import WorkbenchAPI
import WorkerProtocol

// Templates and tokenizers.
extension WorkerServer {
  func addTemplateRoutes(to routes: inout RouteTable) {
    serve(.render, in: &routes) { [self] job in
      let job = try RenderJob(job)
      let pipeline = pipeline.withLock { $0 }
      let rendered = try pipeline?.render(job) ?? TemplateRendering.render(job, templates)
      return ProtoRenderTemplateResponse(rendered, of: job.template)
    }
    routes.unary(WorkerMethods.checkTemplate) { [self] template, _ in
      // The daemon asks by itself, or for somebody who changes a template.
      try await work.run(bytes: template.source.utf8.count, client: "") {
        let template = try TemplateSource(template)
        let pipeline = self.pipeline.withLock { $0 }
        return WorkerCheckedTemplate(pipeline?.check(template) ?? TemplateRendering.check(template))
      }
    }
  }

  func addTokenizerRoutes(to routes: inout RouteTable) {
    serveBytes(.tokenize, in: &routes) { [self] job in
      let request = try job.decoded(ProtoTokenizeRequest.self)
      let text = [UInt8](request.text)
      guard request.hasTokenizer else {
        return try ProtoTokenizeResponse.encoded(
          try loaded().tokenize(text, addSpecial: request.addSpecial, parseSpecial: request.parseSpecial))
      }
      return try ProtoTokenizeResponse.encoded(
        try shelf.tokenize(
          request.tokenizer, text, addSpecial: request.addSpecial, parseSpecial: request.parseSpecial))
    }
    serve(.detokenize, in: &routes) { [self] job in
      let request = try job.decoded(ProtoDetokenizeRequest.self)
      let ids = try request.ids.map { try TokenID(checked: $0, field: "ids") }
      return ProtoDetokenizeResponse(try loaded().detokenize(ids, skipSpecial: request.skipSpecial))
    }
    serve(.exportTokenizer, in: &routes) { [self] _ in
      var response = ProtoExportTokenizerResponse()
      response.files = try loaded().exportTokenizer().map { name, content in
        var file = ProtoTokenizerFile()
        file.name = name
        file.content = .init(content)
        return file
      }
      return response
    }
    serve(.compareTokenizers, in: &routes) { [shelf] job in
      let request = try job.decoded(ProtoCompareTokenizersRequest.self)
      return ProtoCompareTokenizersResponse(
        try shelf.compare(request.left, request.right, text: request.text))
    }
    routes.unary(WorkerCall.listTokenizers.served(as: ProtoListTokenizersResponse.self)) { _, _ in
      var response = ProtoListTokenizersResponse()
      response.tokenizers = TokenizerShelf.families.map { name in
        var tokenizer = ProtoTokenizer()
        tokenizer.name = name
        return tokenizer
      }
      return response
    }
  }

  /// Answers `call` on the threads for texts, where the answer becomes bytes too.
  private func serve(
    _ call: WorkerCall, in routes: inout RouteTable,
    _ answer: @escaping @Sendable (WorkerJob) throws -> some SwiftProtobuf.Message
  ) {
    serveBytes(call, in: &routes) { job in try answer(job).serializedBytes() }
  }

  /// Answers `call` on the threads for texts with a message that is encoded already.
  private func serveBytes(
    _ call: WorkerCall, in routes: inout RouteTable,
    _ answer: @escaping @Sendable (WorkerJob) throws -> [UInt8]
  ) {
    routes.unary(call.relayed) { [work] job, _ in
      try await work.run(bytes: job.request.count, client: job.client) {
        try FileOpening.$refusesLinks.withValue(job.refuseLinks) { RawMessage(try answer(job)) }
      }
    }
  }
}
