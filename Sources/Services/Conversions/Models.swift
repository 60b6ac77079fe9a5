import Foundation
import Host
import Runtime
import SwiftProtobuf
import WorkbenchAPI

extension ProtoGetModelResponse {
  /// The worker's description of a model, completed by the daemon.
  init(_ record: ModelRecord, _ status: WorkerStatus?) throws {
    try self.init(serializedBytes: record.loaded.description.bytes)
    model.name = record.name
    model.path = record.source.path
    model.template = record.template
    model.preset = record.preset
    model.tokenizerSource = record.source.tokenizer ?? ""
    model.workerPid = Int64(record.processID)
    model.restarts = UInt32(clamping: record.restarts)
    model.lastFailure = record.lastFailure
    if record.loadedAt > 0 {
      model.loadedAt = Google_Protobuf_Timestamp(roundingTimeIntervalSince1970: record.loadedAt)
    }
    model.state =
      switch record.state {
      case .loading: .loading
      case .ready: .ready
      case .down: .down
      }
    if let status { model.engine = try ProtoEngineStatus(serializedBytes: status.engine.bytes) }
  }
}

extension ModelHost {
  /// One model with its engine's status.
  func model(_ name: String) async throws -> ProtoGetModelResponse {
    try ProtoGetModelResponse(try await record(name), await status(name))
  }

  /// Every model, in the order of loading.
  func models() async throws -> [ProtoModel] {
    var models: [ProtoModel] = []
    for record in await records() {
      models.append(try ProtoGetModelResponse(record, await status(record.name)).model)
    }
    return models
  }
}
