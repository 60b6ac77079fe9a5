import Chat
import Concurrency
import Engine
import Inference
import Jinja
import ModelFormats
import Runtime
import Sampling
import Tokenizers

extension WorkbenchError {
  /// Any module's error as a caller sees it.
  ///
  /// - Parameter path: The model file that was being loaded; put before messages that do not name it.
  init(wrapping error: any Error, path: String? = nil) {
    switch error {
    case let error as WorkbenchError: self = error
    case let error as ModelFormatError: self.init(error)
    case let error as InferenceError: self.init(error)
    case let error as TokenizerError: self.init(error.kind, "\(error)")
    case .stageFailed(let stage, let reason) as SamplingError:
      self.init(.internal, "sampler stage '\(stage)' failed: \(reason)")
    case .noLogits as SamplingError:
      self.init(.internal, "\(error); its weights may be damaged")
    case let error as SamplingError:
      self.init(.invalidArgument, "\(error)", field: error.field.map { "options.sampling.\($0)" })
    case let error as EngineError: self.init(error, isLoading: path != nil)
    case let error as ChatError: self.init(.invalidArgument, "\(error)", field: "template")
    case let error as ThreadError: self.init(.resourceExhausted, "\(error)")
    case is CancellationError: self.init(.cancelled, "the caller went away")
    default: self.init(.internal, "unexpected \(type(of: error)): \(error)")
    }
    if let path, !message.contains(path), !Self.isAboutOption(error) { message = "\(path): \(message)" }
  }

  private init(_ error: ModelFormatError) {
    let kind: Kind =
      switch error.kind {
      case .notFound: .notFound
      case .notReadable: .failedPrecondition
      case .changed: .dataLoss
      case .tooLarge: .outOfRange
      case .notARegularFile, .notAModel, .unsupportedVersion, .truncated, .invalid, .unsupportedType,
        .unsupported:
        .invalidArgument
      }
    self.init(kind, "\(error)", field: "path")
  }

  private init(_ error: InferenceError) {
    switch error {
    case .memory, .threads, .cacheFull: self.init(.resourceExhausted, "\(error)")
    case .contextFull: self.init(.outOfRange, "\(error)")
    case .option(let name, _, _): self.init(.invalidArgument, "\(error)", field: name)
    case .cancelled: self.init(.cancelled, "\(error)")
    case .unknownArchitecture, .metadata, .tensor, .tokenOutOfRange, .emptySlot:
      self.init(.invalidArgument, "\(error)")
    case .tooManySlots, .duplicateCache, .foreignCache, .forkOutOfRange: self.init(.internal, "\(error)")
    }
  }

  /// Whether an error of a load is about what the caller chose rather than the file.
  private static func isAboutOption(_ error: any Error) -> Bool {
    switch error {
    case .option as InferenceError, .outOfRange as EngineError: true
    case let error as WorkbenchError: error.field != nil && error.field != "path"
    default: false
    }
  }

  private init(_ error: EngineError, isLoading: Bool) {
    switch error {
    case .nothingToScore: self.init(.invalidArgument, "\(error)", field: "continuations")
    case .textTooLong: self.init(.outOfRange, "\(error)", field: "continuations")
    case .badLogits: self.init(.internal, "\(error)")
    case .emptyPrompt: self.init(.invalidArgument, "\(error)", field: "prompt")
    case .tokenOutOfRange: self.init(.invalidArgument, "\(error)", field: "prompt")
    case .promptTooLong: self.init(.outOfRange, "\(error)", field: "prompt")
    case .outOfRange(let field, _, _):
      self.init(.invalidArgument, "\(error)", field: isLoading ? field : "options.\(field)")
    case .queueFull: self.init(.resourceExhausted, "\(error)", retryAfter: .seconds(1))
    case .cancelled: self.init(.cancelled, "\(error)")
    case .thread: self.init(.resourceExhausted, "\(error)")
    case .shutDown: self.init(.unavailable, "\(error)")
    case .model(let error): self.init(error)
    case .sampling(let error): self.init(wrapping: error)
    case .concurrentReaders: self.init(.internal, "\(error)")
    }
  }
}

extension TokenizerError {
  fileprivate var kind: WorkbenchError.Kind {
    if case .limit = self { .outOfRange } else { .invalidArgument }
  }
}

/// Runs `body`; whatever it throws becomes a `WorkbenchError`.
func translatingErrors<T>(_ body: () throws -> T) throws -> T {
  do {
    return try body()
  } catch {
    throw WorkbenchError(wrapping: error)
  }
}
