import Runtime
import Threads

extension OwnThread {
  /// Runs `body` on a thread made for it, off those that Swift concurrency shares, and waits for its result.
  static func run<T: Sendable>(_ body: @escaping @Sendable () throws -> T) async throws -> T {
    try await withCheckedThrowingContinuation { continuation in
      do throws(ThreadError) {
        try detached { continuation.resume(with: Result { try body() }) }
      } catch {
        continuation.resume(throwing: WorkbenchError(.resourceExhausted, "\(error)"))
      }
    }
  }
}
