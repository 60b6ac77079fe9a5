import CWorkbenchPlugin
import Glibc
import Synchronization

/// The one `wb_host` of the process, and where lines that plugins log go.
public enum PluginLog {
  /// How serious a line is.
  public enum Level: Int32, Sendable {
    /// For finding mistakes.
    case debug = 0
    /// Worth knowing.
    case info
    /// Something is not as it should be.
    case warning
    /// Something failed.
    case error
  }

  private static let sink = Mutex<@Sendable (Level, String) -> Void>({ level, text in
    guard level.rawValue >= Level.warning.rawValue else { return }
    let line = Array("workbench: plugin: \(text)\n".utf8)
    _ = line.withUnsafeBytes { write(2, $0.baseAddress, $0.count) }
  })

  /// Sends lines of plugins somewhere else than to standard error; `handler` is called from any thread.
  public static func use(_ handler: @escaping @Sendable (Level, String) -> Void) {
    sink.withLock { $0 = handler }
  }

  static func log(_ level: Int32, _ text: UnsafePointer<CChar>?) {
    guard let text else { return }
    let length = strnlen(text, Limits.logBytes)
    let bytes = UnsafeBufferPointer(start: text, count: length).map { UInt8(bitPattern: $0) }
    let handler = sink.withLock { $0 }
    handler(Level(rawValue: level) ?? .info, printable(String(decoding: bytes, as: UTF8.self)))
  }
}

enum HostTable {
  /// The header of a struct of ours.
  static func header<Struct>(of type: Struct.Type) -> wb_header {
    wb_header(
      major: UInt16(WB_ABI_MAJOR), minor: UInt16(WB_ABI_MINOR), size: UInt32(MemoryLayout<Struct>.size))
  }

  /// The header of lent candidates.
  static let candidates = header(of: wb_candidates.self)

  /// Lives as long as the process; never written to again, so that every thread may read it.
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
