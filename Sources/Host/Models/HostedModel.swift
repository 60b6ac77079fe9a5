import Concurrency
import Runtime

/// A loaded model: its worker, and what requests that choose nothing get.
///
/// Only the host touches it. A reference rather than an entry under a name: whatever waits in between goes on
/// with the model that it began with, and never with another one that has taken its name.
final class HostedModel {
  let name: String
  /// The file and how it is loaded; the tokenizer is the one that the worker has acknowledged.
  var source: ModelSource
  var setTemplate: String?
  var setPreset: String?
  var setProfile: String?
  /// A template that a change under way is about to set.
  var nextTemplate: String?
  /// Seconds since 1970 at the end of the load; 0 before that.
  var loadedAt = 0.0
  /// What was set for it before and cannot be used now, one sentence each.
  var setAside: [String] = []
  /// Its changes, one after another.
  let changes = TurnQueue()
  let worker: SupervisedWorker<LoadedModel>

  init(_ name: String, _ source: ModelSource, worker: SupervisedWorker<LoadedModel>) {
    self.name = name
    self.source = source
    self.worker = worker
  }

  /// Whether its chats use the template `name` because it was set, or is about to be.
  func uses(template name: String) -> Bool {
    [setTemplate, nextTemplate].contains { $0.map { $0 == name || $0.hasPrefix(name + "@") } ?? false }
  }
}
