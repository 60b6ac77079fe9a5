import CWorkbenchPlugin
import Glibc

/// Collects what a plugin appends during one call, within limits; lent to it as a `wb_output`.
///
/// Once something is refused, nothing more is accepted, and the call fails for that reason.
final class Output {
  /// A piece of rendered text, from the end of the piece before it.
  struct Piece {
    /// Bytes from the beginning of the text.
    var end: Int
    /// Who wrote it.
    var origin: wb_origin
    /// The message it is from, where the origin is a message.
    var message: Int
  }

  /// A token of an encoded text, with the bytes that it stands for.
  struct Entry {
    var token: Int32
    var begin: Int
    var end: Int
  }

  /// What the call is asked for.
  enum Kind: String {
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

  /// Accepts at most `limit` bytes (or tokens, for `.tokens`).
  init(_ kind: Kind, limit: Int) {
    self.kind = kind
    self.limit = limit
  }

  /// Empties it for the next call.
  func clear() {
    bytes.removeAll(keepingCapacity: true)
    pieces.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    fault = nil
  }

  /// The pointer that is handed to the plugin; valid while this object lives.
  var pointer: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }

  /// The object behind a pointer that a plugin handed back.
  static func of(_ pointer: OpaquePointer?) -> Output? {
    guard let pointer else { return nil }
    return Unmanaged<Output>.fromOpaque(UnsafeRawPointer(pointer)).takeUnretainedValue()
  }

  /// Appends rendered text; what follows on the same origin and message extends the last piece.
  func appendText(_ new: UnsafePointer<CChar>?, _ count: Int, _ origin: wb_origin, _ message: Int)
    -> wb_status
  {
    guard kind == .text else { return refuse("appended text, but was asked for \(kind.rawValue)") }
    guard (0...4).contains(origin) else { return refuse("appended text with the unknown origin \(origin)") }
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

  /// Appends the bytes of a token.
  func appendBytes(_ new: UnsafePointer<CChar>?, _ count: Int) -> wb_status {
    guard kind == .bytes else { return refuse("appended bytes, but was asked for \(kind.rawValue)") }
    return append(new, count)
  }

  /// Appends a token of an encoded text.
  func appendToken(_ token: Int32, _ begin: Int, _ end: Int) -> wb_status {
    guard kind == .tokens else { return refuse("appended a token, but was asked for \(kind.rawValue)") }
    if fault != nil { return Status.limit }
    guard tokens.count < limit else { return stop(limit, "tokens") }
    tokens.append(Entry(token: token, begin: begin, end: end))
    return Status.ok
  }

  private func append(_ new: UnsafePointer<CChar>?, _ count: Int) -> wb_status {
    if fault != nil { return Status.limit }
    // A count of 2^63 or more is negative here.
    guard count >= 0, count <= limit - bytes.count else { return stop(limit, "bytes") }
    guard count > 0 else { return Status.ok }
    guard let new else { return refuse("appended \(count) bytes from a null pointer") }
    new.withMemoryRebound(to: UInt8.self, capacity: count) {
      bytes.append(contentsOf: UnsafeBufferPointer(start: $0, count: count))
    }
    return Status.ok
  }

  private func stop(_ limit: Int, _ unit: String) -> wb_status {
    if fault == nil { fault = .tooMuchOutput(limit: limit, unit: unit) }
    return Status.limit
  }

  /// Notes that an append was refused elsewhere.
  func fail(_ reason: String) {
    if fault == nil { fault = .impossibleOutput(reason) }
  }

  private func refuse(_ reason: String) -> wb_status {
    fail(reason)
    return Status.invalidArgument
  }
}
