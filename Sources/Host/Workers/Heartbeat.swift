/// Notices a worker that has stopped: by a signal, or with all of its threads stuck.
///
/// A worker counts beats on a thread that does nothing else, in memory that both processes see, so that neither a long
/// prompt nor a large load nor a burst of requests looks like a stop. Beats are compared a fixed number of times
/// rather than against a clock: if this process itself was stopped or starved, no worker is blamed for that time.
enum Heartbeat {
  /// Returns when the worker has stopped (true) or ended (false).
  static func stops(_ worker: any Worker, every interval: Duration) async -> Bool {
    var last = worker.beats
    var missed = 0
    while worker.isAlive {
      do { try await Task.sleep(for: interval) } catch { return false }
      let beats = worker.beats
      missed = beats == last ? missed + 1 : 0
      last = beats
      // Before its first beat the process is still being started.
      let patience = beats == 0 ? HostLimits.missedFirstBeats : HostLimits.missedBeats
      if missed >= patience { return worker.isAlive }
    }
    return false
  }
}
