/// A step of an answer: one start, any number of chunks, one finish.
public enum GenerationEvent: Sendable {
  /// What was understood, before the first token.
  case start(GenerationStart)
  /// New tokens and the text that is now certain.
  case chunk(GenerationChunk)
  /// Why it ended, and what it cost.
  case finish(GenerationFinish)
}

/// The events of an answer, pulled: a consumer that does not read pauses its own sequence only.
public typealias GenerationStream = any AsyncSequence<GenerationEvent, any Error> & Sendable
