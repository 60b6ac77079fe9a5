import CWorkbenchPlugin
import Glibc
import Synchronization

/// Where the lines go that plugins log.
public enum PluginLog {
  /// The severity of a line.
  public enum Level: Int32, Sendable {
    /// Details for debugging.
    case debug = 0
    /// Normal operation.
    case info
    /// Something unexpected that does not stop the plugin.
    case warning
    /// Something failed.
    case error
  }

  private static let sink = Mutex<@Sendable (Level, String) -> Void>({ level, text in
    guard level.rawValue >= Level.warning.rawValue else { return }
    let line = Array("workbench: plugin: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  })

  /// Sends lines to `handler`, on any thread, instead of those from `warning` up to standard error.
  public static func use(_ handler: @escaping @Sendable (Level, String) -> Void) {
    sink.withLock { $0 = handler }
  }

  /// Passes on what a plugin logged, cut to `Limits.logBytes` and without control characters.
  static func log(_ level: Int32, _ text: UnsafePointer<CChar>?) {
    guard let text else { return }
    let length = strnlen(text, Limits.logBytes)
    let bytes = UnsafeBufferPointer(start: text, count: length).map { UInt8(bitPattern: $0) }
    let handler = sink.withLock { $0 }
    handler(Level(rawValue: level) ?? .info, printable(String(decoding: bytes, as: UTF8.self)))
  }
}

/// The one `wb_host` of the process, which every plugin is given.
enum HostTable {
  /// The header of a struct that the host fills in.
  static func header<Struct>(of type: Struct.Type) -> wb_header {
    wb_header(
      major: UInt16(WB_ABI_MAJOR), minor: UInt16(WB_ABI_MINOR), size: UInt32(MemoryLayout<Struct>.size))
  }

  /// The header of candidates that are lent to a sampler.
  static let candidates = header(of: wb_candidates.self)

  /// The table; never freed and never written again, so that every thread can read it.
  nonisolated(unsafe) static let shared: UnsafePointer<wb_host> = {
    let table = UnsafeMutablePointer<wb_host>.allocate(capacity: 1)
    table.initialize(
      to: wb_host(
        header: header(of: wb_host.self),
        log: { PluginLog.log($0, $1) },
        append_text: { output, bytes, count, origin, message in
          Output.of(output)?.appendText(bytes, count, origin, message) ?? Status.failed
        },
        append_token: { output, token, begin, end in
          Output.of(output)?.appendToken(token, begin, end) ?? Status.failed
        },
        append_bytes: { output, bytes, count in
          Output.of(output)?.appendBytes(bytes, count) ?? Status.failed
        },
        random: wb_random, softmax: wb_softmax, sort: wb_sort))
    return UnsafePointer(table)
  }()
}
