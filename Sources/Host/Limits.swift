/// The limits of the host, by name.
public enum HostLimits {
  /// Models that may be loaded at the same time.
  public static let models = 64
  /// Length of a model's name in bytes.
  public static let nameBytes = 128
  /// How much of a refused name a message shows, in Unicode scalars.
  static let quotedCharacters = 80
  /// Size of the daemon's configuration file in bytes.
  public static let configurationBytes = 1 << 20
  /// Size of a template file in bytes.
  static let templateBytes = 256 << 10
  /// Size of a sampler preset file in bytes.
  static let presetBytes = 64 << 10
  /// Size of a profile file in bytes; it may contain a template.
  static let profileBytes = 320 << 10
  /// Asterisks, and so YAML aliases, in a preset or profile file with anchors: with this few, nesting them gives at most
  /// 400 nodes.
  static let yamlAliases = 16
  /// Stop strings of a profile.
  static let profileStops = 16
  /// Length of a stop string of a profile in bytes.
  static let profileStopBytes = 256
  /// Length of what a profile says that the model writes before an answer, in bytes.
  static let answerHeadBytes = 256
  /// Length of a profile's system message in bytes.
  static let systemBytes = 64 << 10
  /// Template names in use.
  static let templates = 1000
  /// Removed template names whose last version is remembered.
  static let removedTemplates = 10_000
  /// Versions of a template that are kept.
  static let templateVersions = 100
  /// How often plugin folders are scanned.
  public static let folderPoll: Duration = .milliseconds(500)
  /// How often the beats of a worker are compared with those before.
  static let heartbeat: Duration = .seconds(1)
  /// Comparisons in a row without a new beat after which a worker has stopped; with the beat before and the end of the
  /// process, its streams end within 10 s.
  static let missedBeats = 6
  /// The same before a worker's first beat, while the system starts its process.
  static let missedFirstBeats = 120
  /// How long the daemon waits for the kernel to end a process that it has killed.
  static let exitPatience: Duration = .seconds(10)
  /// How long the state of models waits for a worker's figures before it takes older ones.
  static let statusPatience: Duration = .milliseconds(500)
  /// How long a worker that refused a file is kept for the next load.
  static let idleWorker: Duration = .seconds(10)
  /// Plugin trials that run at the same time; more would distort each other's timings.
  static let pluginTrials = 2
  /// Number of workers that die while calling a plugin before it is quarantined.
  static let pluginDeaths = 3
  /// First wait after a worker died twice in a row; doubles with each further death.
  static let backoffFirst: Duration = .milliseconds(250)
  /// Longest wait between two starts of a worker.
  static let backoffMost: Duration = .seconds(30)
  /// A worker that lived this long resets the count of deaths.
  static let backoffForgets: Duration = .seconds(60)
  /// A request waits this long for a back-off to end before it is refused.
  static let backoffPatience: Duration = .seconds(1)
}
