import Foundation
import SwiftProtobuf

/// The report of a plugin trial as bytes: each event behind its length, 4 bytes in little-endian order.
public enum TrialReport {
  /// Bytes of a report that are read; the daemon keeps it in memory.
  public static let reportBytes = 16 << 20
  /// Bytes of one event.
  static let eventBytes = 1 << 20
  /// Events of a report that are read.
  static let events = 10_000

  /// An event as it is written; empty for one that is too large, which the reader takes for a missing one.
  public static func encode(_ event: WorkerTrialEvent) -> [UInt8] {
    guard let bytes: [UInt8] = try? event.serializedBytes(), bytes.count <= eventBytes else { return [] }
    return withUnsafeBytes(of: UInt32(bytes.count).littleEndian) { Array($0) } + bytes
  }

  /// The whole events of a report; stops at the first that is cut short, too large or malformed.
  static func decode(_ report: [UInt8]) -> [WorkerTrialEvent] {
    var result: [WorkerTrialEvent] = []
    var rest = report[...]
    while result.count < events, rest.count >= 4 {
      let length = rest.prefix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
      rest = rest.dropFirst(4)
      guard length <= eventBytes, length <= rest.count,
        let event = try? WorkerTrialEvent(serializedBytes: Data(rest.prefix(length)))
      else { break }
      result.append(event)
      rest = rest.dropFirst(length)
    }
    return result
  }
}
