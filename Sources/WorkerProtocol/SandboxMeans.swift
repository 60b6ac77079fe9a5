import CSandbox
import Glibc

/// A means of the kernel to lock a process in.
public enum SandboxMeans: UInt32, Sendable, CaseIterable {
  /// Landlock over files.
  case files
  /// Landlock over TCP.
  case tcp
  /// Landlock over signals and abstract sockets.
  case signals
  /// A filter of system calls.
  case calls
  /// A network namespace.
  case namespace

  /// As the daemon's status lists it.
  public var name: String {
    switch self {
    case .files: "landlock files"
    case .tcp: "landlock tcp"
    case .signals: "landlock signals"
    case .calls: "seccomp"
    case .namespace: "network namespace"
    }
  }

  /// Locks this process in for good, and returns the means that hold; call it before the second thread.
  ///
  /// - Parameters:
  ///   - readable: Files that it may still read by itself.
  ///   - requests: Where it asks for others and tells what was refused.
  public static func enter(readable: [String], requests: Int32) -> [SandboxMeans] {
    var paths: [UnsafePointer<CChar>?] = readable.map { UnsafePointer(strdup($0)) }
    defer { for path in paths { free(UnsafeMutablePointer(mutating: path)) } }
    return decode(csandbox_enter(&paths, paths.count, requests))
  }

  /// From now on tells what was refused: libraries try things out while they start.
  public static func tellRefusals() { csandbox_report() }

  /// The exit status of a process that found out which means hold: they are its low bits.
  public static func exitStatus(_ means: [SandboxMeans]) -> Int32 {
    means.reduce(firstStatus) { $0 | Int32(bitPattern: $1.bit) }
  }

  private static let firstStatus: Int32 = 64

  private var bit: UInt32 { 1 << rawValue }

  private static func decode(_ bits: UInt32) -> [SandboxMeans] { allCases.filter { bits & $0.bit != 0 } }

  /// The means that an exit status tells; nil if it tells something else.
  public static func told(by status: Int32) -> [SandboxMeans]? {
    guard status & ~(firstStatus - 1) == firstStatus else { return nil }
    return decode(UInt32(bitPattern: status))
  }
}
