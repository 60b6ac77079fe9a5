/// The limits of the host, by name.
public enum HostLimits {
  /// Models that may be loaded at the same time.
  public static let models = 64
  /// Bytes of a model's name.
  public static let nameBytes = 128
  /// Bytes of a template's file.
  static let templateBytes = 256 << 10
  /// Bytes of a sampler preset's file.
  static let presetBytes = 64 << 10
  /// Asterisks in a sampler preset's file, and so YAML aliases: a structure of these has at most 400 parts.
  static let presetAliases = 16
  /// Names of templates.
  static let templates = 1000
  /// Versions of a template that are kept.
  static let templateVersions = 100
  /// How often the folders of templates are looked at.
  public static let folderPoll: Duration = .milliseconds(500)
  /// How long a worker that refused a file is kept for the next load.
  static let idleWorker: Duration = .seconds(10)
  /// Plugins that are tried at the same time; more would take each other's time, which is measured.
  static let pluginTrials = 2
  /// Workers that may end while they call a plugin; then it is in quarantine.
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
