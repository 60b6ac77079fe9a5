public import Concurrency
public import Inference
public import Sampling
import Units

/// Why a request was refused, or why its stream ended early.
public enum EngineError: Error, Equatable, Sendable {
  /// A prompt without tokens.
  case emptyPrompt
  /// The prompt has more tokens than a sequence may have positions.
  case promptTooLong(tokens: Int, limit: Int)
  /// A text to score without a token that can be scored.
  case nothingToScore(text: Int)
  /// A text to score that, with its context, has more tokens than a sequence may have positions and one.
  case textTooLong(text: Int, tokens: Int, limit: Int)
  /// A prompt token that the vocabulary does not have.
  case tokenOutOfRange(index: Int, token: Int, vocabularySize: Int)
  /// A number of the request or of the options is outside its range.
  case outOfRange(field: String, value: Int, expected: ClosedRange<Int>)
  /// The limit of running and waiting requests is reached.
  case queueFull(limit: Int)
  /// The reader cancelled the stream.
  case cancelled
  /// A second reader asked for a token while one was waiting.
  case concurrentReaders
  /// The engine was shut down.
  case shutDown
  /// The system refused the engine's thread.
  case thread(ThreadError)
  /// The network failed in a step that this sequence took part in.
  case model(InferenceError)
  /// Logits that are not numbers.
  case badLogits
  /// The sampler of this sequence failed.
  case sampling(SamplingError)
}

extension EngineError: CustomStringConvertible {
  /// What is wrong and what would be right, in one line.
  public var description: String {
    switch self {
    case .emptyPrompt: "the prompt has no tokens; it needs at least one"
    case .promptTooLong(let tokens, let limit):
      "the prompt has \(counted(tokens, "token")), but the context holds \(limit); shorten it"
    case .nothingToScore(let text):
      "text \(text) has no token to score: it needs at least one, with another before it"
    case .textTooLong(let text, let tokens, let limit):
      "text \(text) has \(counted(tokens, "token")) with its context, but at most \(limit) can be scored; shorten it"
    case .tokenOutOfRange(let index, let token, let size):
      "prompt token \(token) at index \(index) is outside the vocabulary 0..<\(size)"
    case .outOfRange(let field, let value, let expected):
      "\(field) is \(value); it must be \(expected.lowerBound) to \(expected.upperBound)"
    case .queueFull(let limit):
      "\(counted(limit, "request")) running or waiting already, which is the limit; try again later"
    case .cancelled: "the stream was cancelled"
    case .concurrentReaders: "another reader is already waiting on this stream"
    case .shutDown: "the engine was shut down"
    case .thread(let error): "the engine could not start: \(error)"
    case .model(let error): "the model failed: \(error)"
    case .badLogits: "the model failed: it gave logits that are not numbers; its weights may be damaged"
    case .sampling(let error): "sampling failed: \(error)"
    }
  }
}
