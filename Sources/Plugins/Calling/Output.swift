import CWorkbenchPlugin
import Glibc

/// What a plugin appends during one call, within limits; lent to it as a `wb_output`.
///
/// Once something is refused, nothing more is taken, and the call counts as failed for that reason.
final class Output {
  /// A piece of rendered text.
  struct Piece {
    var end: Int
    var origin: wb_origin
    var message: Int
  }

  /// A token of an encoded text.
  struct Entry {
    var token: Int32
    var begin: Int
    var end: Int
  }

  /// What may be appended.
  enum Kind {
    case text
    case bytes
    case tokens
  }

  private let kind: Kind
  private let limit: Int
  private(set) var bytes: [UInt8] = []
  private(set) var pieces: [Piece] = []
  private(set) var tokens: [Entry] = []
  private(set) var fault: PluginFault?

  /// Takes at most `limit` bytes (or tokens, for `.tokens`).
  init(_ kind: Kind, limit: Int) {
    self.kind = kind
    self.limit = limit
  }

  /// Begins again with nothing.
  func clear() {
    bytes.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    fault = nil
  }

  /// What to hand to the plugin; valid while this object lives.
  var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

  /// The object behind a pointer that a plugin handed back.
  static func of(_ pointer: OpaquePointer?) -> Output? {
    guard let pointer else { return nil }
    return Unmanaged<Output>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  func appendText(_ new: UnsafePointer<CChar>?, _ count: Int, _ origin: wb_origin, _ message: Int)
    -> wb_status
  {
    guard kind == .text else { return refuse("appended text where none is asked for") }
    guard (0...4).contains(origin) else { return refuse("appended text of an unknown origin, \(origin)") }
    let status = append(new, count)
    guard status == Status.ok, count > 0 else { return status }
    if let last = pieces.last, last.origin == origin, last.message == message {
      pieces[pieces.count - 1].end = bytes.count
    } else {
      guard pieces.count < Limits.promptSpans else { return stop(Limits.promptSpans, "pieces") }
      pieces.append(Piece(end: bytes.count, origin: origin, message: message))
    }
    return status
  }

  func appendBytes(_ new: UnsafePointer<CChar>?, _ count: Int) -> wb_status {
    guard kind == .bytes else { return refuse("appended bytes where none are asked for") }
    return append(new, count)
  }

  func appendToken(_ token: Int32, _ begin: Int, _ end: Int) -> wb_status {
    guard kind == .tokens else { return refuse("appended a token where none is asked for") }
    if fault != nil { return Status.limit }
    guard tokens.count < limit else { return stop(limit, "tokens") }
    tokens.append(Entry(token: token, begin: begin, end: end))
    return Status.ok
  }

  private func append(_ new: UnsafePointer<CChar>?, _ count: Int) -> wb_status {
    if fault != nil { return Status.limit }
    // A count that is negative here was beyond 2^63 there.
    guard count >= 0, count <= limit - bytes.count else { return stop(limit, "bytes") }
    guard count > 0 else { return Status.ok }
    guard let new else { return refuse("appended \(count) bytes at a null pointer") }
    new.withMemoryRebound(to: UInt8.self, capacity: count) {
      bytes.append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
    }
    return Status.ok
  }

  private func stop(_ limit: Int, _ unit: String) -> wb_status {
    if fault == nil { fault = .tooMuchOutput(limit: limit, unit: unit) }
    return Status.limit
  }

  private func refuse(_ reason: String) -> wb_status {
    if fault == nil { fault = .impossibleOutput(reason) }
    return Status.invalidArgument
  }
}
