/// Notes which calls into a library are under way, somewhere that outlives this process.
public protocol CallRecorder: Sendable {
  /// A call begins.
  func enter()
  /// A call has returned.
  func leave()
  /// The library is open, and its tables have been read.
  func noteOpen()
}
