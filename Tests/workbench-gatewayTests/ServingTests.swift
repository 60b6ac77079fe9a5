import Access
import JSON
import RPC
import SwiftProtobuf
import Testing
import WorkbenchAPI

@testable import workbench_gateway

@Suite("Errors and addresses of the gateway") struct ServingTests {
  @Test(
    "Each status of the daemon has its status of HTTP",
    arguments: [
      (StatusCode.invalidArgument, 400), (.outOfRange, 400), (.notFound, 404), (.resourceExhausted, 429),
      (.failedPrecondition, 409), (.unavailable, 503), (.deadlineExceeded, 504), (.permissionDenied, 502),
      (.unauthenticated, 502), (.unimplemented, 501), (.internal, 500), (.dataLoss, 500), (.cancelled, 503),
    ])
  func statuses(code: StatusCode, status: Int) {
    let error = APIError(RPCError(code, "why"))
    #expect(error.status == status && error.message.contains(code == .cancelled ? "ended" : "why"))
    #expect((error.retryAfter != nil) == [429, 503].contains(status))
  }

  @Test("A field of the daemon's is named as the body names it")
  func fields() throws {
    var request = Google_Rpc_BadRequest()
    request.fieldViolations = [.with { $0.field = "options.sampling.top_p" }]
    var status = Google_Rpc_Status()
    status.details = [try .init(message: request)]
    let error = APIError(
      RPCError(.invalidArgument, "top_p is 2", details: Array(try status.serializedBytes() as [UInt8])))
    #expect(error.parameter == "top_p")
  }

  @Test("Without tokens and TLS only this machine is listened on")
  func addresses() throws {
    for text in ["127.0.0.1:8080", "localhost:0", "[::1]:1"] {
      #expect(throws: Never.self) { try ListenAddress(text, isLocked: false) }
    }
    for text in [
      "0.0.0.0:80", "[::]:80", "192.0.2.1:80", "example.org:80", ":80", "127.0.0.1", "127.0.0.1:70000",
    ] {
      #expect(throws: (any Error).self) { try ListenAddress(text, isLocked: false) }
    }
    #expect(try ListenAddress("0.0.0.0:80", isLocked: true).host == "0.0.0.0")
    #expect(try ListenAddress("[::1]:80", isLocked: false).authority(81) == "[::1]:81")
  }

  @Test("The host of an authority is its name without the port")
  func hosts() {
    #expect(Doorman.host(of: "LocalHost:80") == "localhost" && Doorman.host(of: "[::1]:80") == "[::1]")
    #expect(Doorman.host(of: "127.0.0.1") == "127.0.0.1" && Doorman.host(of: "") == "")
  }

  @Test("A method of the API needs at least the role that the daemon asks for")
  func roles() {
    let managing = ["Unload", "Update", "Load", "Put", "Remove"]
    for (path, method) in APIMethod.table {
      let name = path.split(separator: "/").last.map(String.init) ?? ""
      #expect((method.role == .manage) == managing.contains(name), "\(path)")
    }
    #expect(APIMethod.table.keys.allSatisfy { !$0.contains("Drain") && !$0.contains("Conversations") })
  }

  @Test("An error has the form that its client expects")
  func forms() {
    let error = APIError.unsupported("n", "n is \"no\"")
    #expect(
      String(decoding: ErrorForm.openAI.json(error), as: UTF8.self)
        == #"{"error":{"message":"n is \"no\"","type":"invalid_request_error","param":"n","code":"unsupported_parameter"}}"#
    )
    #expect(
      String(decoding: ErrorForm.anthropic.json(error), as: UTF8.self)
        == #"{"type":"error","error":{"type":"invalid_request_error","message":"n is \"no\""}}"#)
  }
}
