import Concurrency
import Files
import Foundation
import Host
import RPC
import Runtime
import SwiftProtobuf
import WorkbenchAPI
import WorkerProtocol

/// The writing of a new model file: a worker makes the bytes, and the daemon alone writes them.
struct ModelConversion: Sendable {
  let host: ModelHost
  let access: AccessControl

  /// Answers a `ConvertModelRequest`.
  func run(
    _ request: ProtoConvertModelRequest, _ context: ServerContext,
    _ writer: ResponseWriter<ProtoConvertModelResponse>
  ) async throws {
    try check(request)
    let source = try await access.file(request.path, field: "path", context)
    var relayed = request
    relayed.path = source.path
    // Made before the work begins, so that what would fail in the end fails now.
    let output = try await Output.start(request)
    try await host.convert(
      try EncodedMessage(relayed), file: source.path, refusesLinks: source.refusesLinks
    ) { stream in
      var result = ProtoConvertedModel()
      var written: UInt64 = 0
      var told = ContinuousClock.now
      for try await message in stream {
        switch try WorkerConvertEvent(serializedBytes: message.bytes).event {
        case .plan(let plan):
          result = plan
          try await writer.send(.progress(0, of: plan.bytes))
        case .bytes(let bytes):
          written += UInt64(bytes.count)
          try await output.write(bytes)
          guard ContinuousClock.now - told >= Self.progressInterval else { continue }
          told = .now
          try await writer.send(.progress(written, of: result.bytes))
        case nil: break
        }
      }
      guard written == result.bytes else {
        throw WorkbenchError(.internal, "the worker sent \(written) of \(result.bytes) bytes of the new file")
      }
      // From here on the file stays, even if the client has gone away meanwhile.
      try await output.complete()
      result.output = request.output
      var response = ProtoConvertModelResponse()
      response.result = result
      try await writer.send(response)
    }
  }

  /// How often a client is told how far the work is.
  private static let progressInterval: Duration = .milliseconds(100)

  private func check(_ request: ProtoConvertModelRequest) throws {
    guard !request.path.isEmpty else {
      throw WorkbenchError(.invalidArgument, "give the path of a model", field: "path")
    }
    guard request.output.hasPrefix("/"), request.output.hasSuffix(".gguf") else {
      throw WorkbenchError(
        .invalidArgument, "the new file is '\(request.output)'; its path must be absolute and end in .gguf",
        field: "output")
    }
    guard request.tokenizerOnly == request.type.isEmpty else {
      throw WorkbenchError(
        .invalidArgument, "give either a type for the weights or tokenizer_only", field: "type")
    }
  }
}

extension ProtoConvertModelResponse {
  fileprivate static func progress(_ written: UInt64, of total: UInt64) -> Self {
    var response = Self()
    response.progress.bytesWritten = written
    response.progress.bytesTotal = total
    return response
  }
}

/// A new file whose every call has a thread of its own, because a disk may be slow.
///
/// `@unchecked Sendable`: its one user waits for each call.
private final class Output: @unchecked Sendable {
  private let file: NewFile

  private init(_ file: NewFile) {
    self.file = file
  }

  static func start(_ request: ProtoConvertModelRequest) async throws -> Output {
    try await translatingErrors {
      if request.replace { try requireModel(request.output) }
      return Output(try NewFile(path: request.output, replacing: request.replace))
    }
  }

  func write(_ bytes: Data) async throws {
    try await Self.translatingErrors { try bytes.withUnsafeBytes { try self.file.write($0) } }
  }

  func complete() async throws {
    try await Self.translatingErrors { try self.file.complete() }
  }

  /// Refuses to replace what is not a model, which a mistyped name may be.
  private static func requireModel(_ path: String) throws {
    guard let handle = FileHandle(forReadingAtPath: path) else { return }
    defer { try? handle.close() }
    guard try handle.read(upToCount: 4) == Data("GGUF".utf8) else {
      throw FileError(.invalid, "'\(path)' is not a GGUF file, so it is not replaced")
    }
  }

  private static func translatingErrors<T: Sendable>(
    _ body: @escaping @Sendable () throws -> T
  ) async throws -> T {
    do {
      return try await OwnThread.run(name: "output", body)
    } catch let error as FileError {
      throw WorkbenchError(error)
    }
  }
}

extension WorkbenchError {
  fileprivate init(_ error: FileError) {
    let kind: Kind =
      switch error.kind {
      case .invalid: .invalidArgument
      case .exists: .alreadyExists
      case .notFound: .notFound
      case .full: .resourceExhausted
      case .system: .failedPrecondition
      }
    let advice = kind == .alreadyExists ? "; choose another name, or replace it (--force)" : ""
    self.init(kind, error.message + advice, field: "output")
  }
}
