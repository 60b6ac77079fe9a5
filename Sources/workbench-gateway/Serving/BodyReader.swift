import Hummingbird
import NIOCore
import Synchronization

/// Reads bodies, each up to a limit and all of them together up to another.
final class BodyReader: Sendable {
  private let held = Mutex(0)
  private let limit: Int
  private let allLimit: Int

  /// Bounds in bytes.
  init(limit: Int = Limits.bodyBytes, allLimit: Int = Limits.allBodyBytes) {
    self.limit = limit
    self.allLimit = allLimit
  }

  /// Calls `read` with the whole body, whose bytes count until it returns.
  func withBody<Value>(
    of request: Request, _ read: ([UInt8]) async throws -> Value
  ) async throws -> Value {
    var count = 0
    defer { held.withLock { $0 -= count } }
    if let text = request.headers[.contentLength], let announced = Int(text), announced > limit {
      throw tooLarge
    }
    var bytes: [UInt8] = []
    var surplus = 0
    for try await buffer in request.body {
      let size = buffer.readableBytes
      guard surplus == 0, bytes.count + size <= limit else {
        // Read on for a while: a client that still sends would not read the answer.
        surplus += size
        guard surplus <= Limits.discardedBytes else { throw tooLarge }
        bytes = []
        continue
      }
      let fits = held.withLock { held in
        guard held + size <= allLimit else { return false }
        held += size
        return true
      }
      guard fits else {
        throw APIError(
          status: 503, kind: .unavailable, message: "too many large requests at the same time", retryAfter: 1)
      }
      count += size
      bytes.append(contentsOf: buffer.readableBytesView)
    }
    guard surplus == 0 else { throw tooLarge }
    return try await read(bytes)
  }

  private var tooLarge: APIError {
    APIError(status: 413, kind: .tooLarge, message: "the body is larger than the limit of \(limit >> 20) MiB")
  }
}
