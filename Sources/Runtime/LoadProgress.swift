/// Progress of a load.
public struct LoadProgress: Sendable, Equatable {
  /// From 0 to 1, never decreasing.
  public var fraction: Double
  /// The current stage, "reading metadata" or "packing weights".
  public var stage: String

  /// A fraction and what is being done.
  public init(fraction: Double, stage: String) {
    self.fraction = fraction
    self.stage = stage
  }
}
