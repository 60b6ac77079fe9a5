import Concurrency
import Foundation
import Pipeline
import RPC
import Runtime
import WorkbenchAPI
import WorkerProtocol

// New files: the worker makes their bytes, since it may write nowhere.
extension WorkerServer {
  func addConvertRoute(to routes: inout RouteTable) {
    routes.serverStreaming(WorkerCall.convert.served(as: WorkerConvertEvent.self)) { job, _, writer in
      let request = try job.decoded(ProtoConvertModelRequest.self)
      let conversion = try await OwnThread.run {
        try Conversion(
          path: request.path, type: request.tokenizerOnly ? nil : request.type, refusesLinks: job.refuseLinks)
      }
      var event = WorkerConvertEvent()
      event.plan = ProtoConvertedModel(conversion)
      try await writer.send(event)
      // While one piece is on its way, the next is made.
      var piece = try await Self.piece(of: conversion)
      while let bytes = piece {
        async let next = Self.piece(of: conversion)
        event.bytes = .init(bytes)
        try await writer.send(event)
        piece = try await next
      }
    }
  }

  private static func piece(of conversion: Conversion) async throws -> [UInt8]? {
    try await OwnThread.run { try conversion.next() }
  }
}

extension ProtoConvertedModel {
  fileprivate init(_ conversion: Conversion) {
    self.init()
    bytes = UInt64(clamping: conversion.byteCount)
    requantized = UInt64(clamping: conversion.requantized)
    notes = conversion.notes
    shares = conversion.shares.map { share in
      var message = ProtoConvertedShare()
      message.type = share.type
      message.tensors = UInt64(clamping: share.tensors)
      message.bytes = UInt64(clamping: share.bytes)
      return message
    }
  }
}
