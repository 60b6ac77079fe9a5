/// A part of an answer: one start, any number of chunks, one finish.
public enum GenerationEvent: Sendable {
  /// How the request was understood; comes before the first token.
  case start(GenerationStart)
  /// New tokens and the text that is now certain.
  case chunk(GenerationChunk)
  /// Why it ended, and what it cost.
  case finish(GenerationFinish)
}

/// The events of an answer; a consumer that does not read pauses only its own sequence.
public typealias GenerationStream = any AsyncSequence<GenerationEvent, any Error> & Sendable
