/// Progress of a load.
public struct LoadProgress: Sendable, Equatable {
  /// From 0 to 1, never decreasing.
  public var fraction: Double
  /// The current stage, "reading metadata" or "packing weights".
  public var stage: String
  /// Bytes of the file's weights that are done.
  public var bytesDone: Int
  /// Bytes of all weights that will be read; 0: not known yet.
  public var bytesTotal: Int

  /// A fraction and what is being done.
  public init(fraction: Double, stage: String, bytesDone: Int = 0, bytesTotal: Int = 0) {
    self.fraction = fraction
    self.stage = stage
    self.bytesDone = bytesDone
    self.bytesTotal = bytesTotal
  }
}
