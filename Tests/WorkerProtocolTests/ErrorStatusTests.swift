import Concurrency
import Foundation
import RPC
import Runtime
import SwiftProtobuf
import Testing
import WorkbenchAPI

@testable import WorkerProtocol

@Suite("Errors between daemon, worker and client") struct ErrorStatusTests {
  @Test(
    "Every error of every kind survives the way to a status and back", arguments: WorkbenchError.Kind.allCases
  )
  func roundTrip(kind: WorkbenchError.Kind) {
    let fields = [nil, "path", "options.sampling.top_p", "messages[3].role"] as [String?]
    let waits = [nil, .zero, .milliseconds(250), .seconds(30), .nanoseconds(1)] as [Duration?]
    for field in fields {
      for wait in waits {
        let error = WorkbenchError(kind, "path top_p messages[3].role", field: field, retryAfter: wait)
        let back = WorkbenchError(error.rpcError)
        #expect(back.kind == kind && back.field == field && back.retryAfter == wait, "\(error)")
      }
    }
  }

  @Test("Each kind has the code of its name, and no two share one") func codes() {
    let codes = WorkbenchError.Kind.allCases.map(\.statusCode)
    #expect(Set(codes.map(\.rawValue)).count == codes.count)
    #expect(WorkbenchError.Kind(.unknown) == .internal)
    for kind in WorkbenchError.Kind.allCases { #expect(WorkbenchError.Kind(kind.statusCode) == kind) }
  }

  @Test("The message names the field for people who look at nothing else, and only once") func message() {
    let named = WorkbenchError(.invalidArgument, "must be 0 to 1", field: "options.sampling.top_p").rpcError
    #expect(named.message.hasPrefix("top_p") && named.message.hasSuffix("must be 0 to 1"))
    let already = WorkbenchError(.invalidArgument, "top_p must be 0 to 1", field: "options.sampling.top_p")
    #expect(already.rpcError.message == already.message)
    #expect(WorkbenchError(.notFound, "no file", field: "path").rpcError.message == "no file")
  }

  @Test("A client finds the field violation and the retry information of google.rpc") func details() throws {
    let error = WorkbenchError(.resourceExhausted, "full", field: "a", retryAfter: .milliseconds(1_500))
      .rpcError
    let status = try Google_Rpc_Status(serializedBytes: try #require(error.details))
    #expect(status.code == StatusCode.resourceExhausted.rawValue && status.details.count == 2)
    let violation = try Google_Rpc_BadRequest(unpackingAny: status.details[0]).fieldViolations
    #expect(violation.map(\.field) == ["a"])
    let retry = try Google_Rpc_RetryInfo(unpackingAny: status.details[1]).retryDelay
    #expect(retry.seconds == 1 && retry.nanos == 500_000_000)
    #expect(WorkbenchError(.notFound, "none").rpcError.details == nil)
  }

  @Test("Details that are noise are ignored", arguments: [[], [0xff], [UInt8](repeating: 7, count: 99)])
  func noise(details: [UInt8]) {
    let error = WorkbenchError(RPCError(.notFound, "none", details: details))
    #expect(error == WorkbenchError(.notFound, "none"))
  }

  @Test(
    "What waitpid reports becomes an end",
    arguments: [
      (0, WorkerExit.status(0)), (1 << 8, .status(1)), (255 << 8, .status(255)), (97 << 8, .hungPlugin),
      (98 << 8, .corruptingPlugin), (99 << 8, .changedFile), (100 << 8, .stuckEngine), (9, .signal(9)),
      (11, .signal(11)), (11 | 0x80, .signal(11)),
    ] as [(Int32, WorkerExit)])
  func waitStatus(status: Int32, end: WorkerExit) {
    #expect(WorkerExit(waitStatus: status) == end)
  }

  @Test("A duration keeps its nanoseconds") func durations() {
    let duration = Google_Protobuf_Duration(.seconds(3) + .nanoseconds(7))
    #expect(duration.seconds == 3 && duration.nanos == 7)
  }
}
