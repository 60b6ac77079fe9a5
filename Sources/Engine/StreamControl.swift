/// What the engine may do with a sequence, as its reader wants it.
enum Demand {
  /// The reader wants more.
  case ready
  /// The buffer is full.
  case full
  /// The reader called `stop`.
  case stopped
  /// The reader is gone.
  case abandoned

  /// Whether nothing more will be read.
  var isOver: Bool { self == .stopped || self == .abandoned }
}

/// A stream as the engine steers it, whatever its elements are.
protocol StreamControl: AnyObject, Sendable {
  /// What the reader wants.
  var demand: Demand { get }
  /// Whether the reader has read everything.
  var isEmpty: Bool { get }
  /// Whether it was ended.
  var hasEnded: Bool { get }
  /// Ends the stream, once; what is buffered can still be read.
  func end(_ end: Result<EngineFinish, EngineError>)
}
