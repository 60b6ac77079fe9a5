import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
  /// JSON.
  static func json(_ bytes: [UInt8], status: HTTPResponse.Status = .ok) -> Response {
    Response(
      status: status, headers: [.contentType: "application/json; charset=utf-8"],
      body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
  }

  /// An error in a form.
  static func failure(_ error: APIError, _ form: ErrorForm) -> Response {
    var response = json(form.json(error), status: HTTPResponse.Status(code: error.status))
    if let seconds = error.retryAfter { response.headers[.retryAfter] = String(seconds) }
    if error.status == 401 { response.headers[.wwwAuthenticate] = "Bearer" }
    return response
  }

  /// Server-sent events, which `write` writes.
  static func events(
    _ write: @escaping @Sendable (inout any ResponseBodyWriter) async throws -> Void
  ) -> Response {
    Response(
      status: .ok,
      headers: [
        .contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-cache",
        // nginx would collect them.
        .accelBuffering: "no",
      ],
      body: ResponseBody { writer in
        try await write(&writer)
        try await writer.finish(nil)
      })
  }
}

extension HTTPField.Name {
  /// nginx's field for whether it collects a response.
  static let accelBuffering = Self("x-accel-buffering") ?? .cacheControl
}
