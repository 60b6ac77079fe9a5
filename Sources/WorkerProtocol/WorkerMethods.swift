import Foundation
public import RPC
public import Runtime
public import SwiftProtobuf
public import WorkbenchAPI

/// The calls that the daemon itself makes to a worker.
public enum WorkerMethods {
  static let service = "workbench.worker.v1.Worker"
  /// Loads the one model of this worker; progress, then the model.
  public static let load = Method<WorkerLoadRequest, WorkerLoadEvent>(service, "Load", .serverStreaming)
  /// Gives the loaded model another tokenizer; requests under way keep theirs.
  public static let useTokenizer = Method<WorkerUseTokenizerRequest, WorkerLoadedModel>(
    service, "UseTokenizer", .unary)
  /// Compiles a template and reports errors and common mistakes in it; works without a model.
  public static let checkTemplate = Method<WorkerTemplateSource, WorkerCheckedTemplate>(
    service, "CheckTemplate", .unary)
  /// The stages that plugin libraries add.
  public static let samplers = Method<ProtoListSamplersRequest, ProtoListSamplersResponse>(
    service, "Samplers", .unary)
  /// The status of the engine and the plugins.
  public static let status = Method<WorkerStatusRequest, WorkerStatusResponse>(service, "Status", .unary)
}

extension WorkerCall {
  /// Whether the answer is a stream.
  var kind: MethodKind {
    switch self {
    case .chat, .generate, .score, .convert: .serverStreaming
    default: .unary
    }
  }

  /// The call as the worker serves it.
  public func served<Response: SwiftProtobuf.Message>(
    as response: Response.Type
  ) -> Method<WorkerJob, Response> {
    Method(WorkerMethods.service, rawValue, kind)
  }

  /// The call as the daemon makes it: the answer stays encoded.
  public var relayed: Method<WorkerJob, RawMessage> {
    served(as: Google_Protobuf_Empty.self).relayingResponses()
  }
}

extension RawMessage: MessageCarrier {}

extension RawMessage {
  /// A message on its way to a peer; shares the memory of one that a connection brought.
  public init(_ message: EncodedMessage) {
    self = message.carrier as? RawMessage ?? RawMessage(message.bytes)
  }
}

extension EncodedMessage {
  /// A message in its encoded form.
  public init(_ message: some SwiftProtobuf.Message) throws {
    let bytes: [UInt8] = try message.serializedBytes()
    self.init(bytes)
  }
}

extension WorkerJob {
  /// A request with what the daemon looked up for it.
  public init(_ request: RelayedRequest) {
    self.init()
    self.request = .init(request.message.bytes)
    if let value = request.template { template = WorkerTemplateSource(value) }
    if let value = request.preset { preset = WorkerPreset(value) }
    if let value = request.profile { profile = WorkerProfile(value) }
    refuseLinks = request.refusesLinks
    client = request.client
  }

  /// The request of the API, decoded.
  public func decoded<Request: SwiftProtobuf.Message>(_ type: Request.Type = Request.self) throws -> Request {
    try Request(serializedBytes: request)
  }
}
