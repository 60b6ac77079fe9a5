import Foundation
import Host
import Runtime
import SwiftProtobuf
import WorkbenchAPI
import WorkerProtocol

extension ProtoGetModelResponse {
  /// The worker's description of a model, completed by the daemon.
  init(_ record: ModelRecord, _ reading: StatusReading?) throws {
    try self.init(serializedBytes: record.loaded.description.bytes)
    model.name = record.name
    model.path = record.source.path
    model.template = record.template
    model.preset = record.preset
    model.profile = record.profile
    model.tokenizerSource = record.source.tokenizer ?? ""
    model.workerPid = Int64(record.processID)
    model.restarts = UInt32(clamping: record.restarts)
    model.lastFailure = record.lastFailure
    model.setAside += record.setAside
    if record.loadedAt > 0 {
      model.loadedAt = Google_Protobuf_Timestamp(roundingTimeIntervalSince1970: record.loadedAt)
    }
    model.state =
      switch record.state {
      case .loading: .loading
      case .ready: .ready
      case .down: .down
      }
    if let reading {
      model.engine = try ProtoEngineStatus(serializedBytes: reading.status.engine.bytes)
      if !reading.isCurrent {
        model.engine.age = Google_Protobuf_Duration(ContinuousClock.now - reading.takenAt)
      }
    }
  }
}

extension ModelHost {
  /// One model with its engine's status.
  func model(_ name: String) async throws -> ProtoGetModelResponse {
    let (record, reading) = try await report(name)
    return try ProtoGetModelResponse(record, reading)
  }

  /// Every model, in the order of loading.
  func models() async throws -> [ProtoModel] {
    try await reports().map { try ProtoGetModelResponse($0.record, $0.reading).model }
  }
}
