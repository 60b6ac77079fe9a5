import ArgumentParser
import Foundation
import Logging
import Runtime

/// The format of log lines.
enum LogFormat: String, ExpressibleByArgument, CaseIterable {
  case text
  case json

  /// Sets up the log of the process; call it once.
  static func bootstrap(_ format: String, level: String) {
    let level = Logger.Level(rawValue: level) ?? .info
    LoggingSystem.bootstrap { label in
      var handler: any LogHandler =
        format == LogFormat.json.rawValue ? JSONLogHandler() : StreamLogHandler.standardError(label: label)
      handler.logLevel = level
      return handler
    }
  }
}

/// Writes one JSON object per line to standard error.
struct JSONLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel: Logger.Level = .info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var object: [String: String] = [
      "time": Date.now.formatted(.iso8601), "level": event.level.rawValue, "message": "\(event.message)",
    ]
    for (key, value) in metadata.merging(event.metadata ?? [:], uniquingKeysWith: { $1 }) {
      object[key] = "\(value)"
    }
    guard var line = try? JSONSerialization.data(withJSONObject: object, options: [.sortedKeys]) else {
      return
    }
    line.append(0x0a)
    FileHandle.standardError.write(line)
  }
}
