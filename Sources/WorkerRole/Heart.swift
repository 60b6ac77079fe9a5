import Concurrency
import Glibc
import WorkerProtocol

/// The threads that show the daemon what becomes of this process.
enum Heart {
  /// Several beats fall between two looks of the daemon.
  private static let beat: UInt32 = 200_000
  /// A file that changes while nobody asks for an answer is noticed within this time, in microseconds.
  private static let look: UInt32 = 500_000

  /// Starts to count beats on a thread that waits for nothing else in the process: a worker whose heart beats may be
  /// busy for as long as it likes.
  ///
  /// - Throws: `ThreadError` when the system refuses the thread.
  static func start(_ recorder: FlightRecorder) throws(ThreadError) {
    try OwnThread.detached(name: "heart") {
      while true {
        recorder.beat()
        usleep(beat)
      }
    }
  }

  /// Starts to end the process once the model's file has changed or the engine is stuck.
  ///
  /// Answers look at the file themselves, so this is for the time between them. A disk that hangs holds up only this
  /// thread.
  ///
  /// - Throws: `ThreadError` when the system refuses the thread.
  static func watch(_ server: WorkerServer) throws(ThreadError) {
    try OwnThread.detached(name: "watch") {
      while true {
        if !server.hasIntactFile { _exit(ExitStatus.changedFile.rawValue) }
        if !server.isAdvancing { _exit(ExitStatus.stuckEngine.rawValue) }
        usleep(look)
      }
    }
  }
}
