/// One direction of a call within the process: one message waits for its reader, a second one holds up its sender.
struct Lane {
  private var buffered: RawMessage?
  private var blocked: (message: RawMessage, batch: InProcessBatch)?
  private var reader: InProcessBatch?
  private var received: RawMessage?
  /// Whether the sender has finished.
  private(set) var isClosed = false
  /// Whether the call ended before the reader had read everything.
  private(set) var isBroken = false

  /// Whether a sender waits for room.
  var isBlocked: Bool { blocked != nil }

  /// Whether a reader waits for a message.
  var hasReader: Bool { reader != nil }

  /// Whether nothing is left to read, now or later.
  var isDrained: Bool { isBroken || isClosed && buffered == nil }

  mutating func send(_ message: RawMessage, _ batch: InProcessBatch, _ effects: inout InProcessEffects) {
    if isBroken { return batch.end(false, &effects) }
    if let reader {
      self.reader = nil
      received = message
      reader.end(true, &effects)
    } else if buffered == nil {
      buffered = message
    } else {
      blocked = (message, batch)
      return
    }
    batch.end(true, &effects)
  }

  mutating func receive(_ batch: InProcessBatch, _ effects: inout InProcessEffects) {
    if isDrained { return batch.end(true, &effects) }
    guard let message = buffered else {
      reader = batch
      return
    }
    received = message
    buffered = blocked?.message
    let sender = blocked?.batch
    blocked = nil
    batch.end(true, &effects)
    sender?.end(true, &effects)
  }

  /// Takes what the last receive brought.
  mutating func take() -> RawMessage? {
    defer { received = nil }
    return received
  }

  /// Marks the end of the messages; what is on its way can still be read.
  mutating func close(_ effects: inout InProcessEffects) {
    isClosed = true
    reader?.end(true, &effects)
    reader = nil
  }

  /// Drops what is on its way and ends what waits.
  mutating func breakOff(_ effects: inout InProcessEffects) {
    isBroken = true
    buffered = nil
    blocked?.batch.end(false, &effects)
    blocked = nil
    reader?.end(true, &effects)
    reader = nil
  }
}

/// What happens once the lock of a call is free again.
typealias InProcessEffects = [@Sendable () -> Void]

/// A batch under way within the process, which ends when the last of its operations has ended.
final class InProcessBatch: @unchecked Sendable {
  // Holds: touched only under the lock of its call.
  private var remaining: Int
  private var isOK = true
  private let done: @Sendable (Bool) -> Void

  init(_ operations: Operations, _ done: @escaping @Sendable (Bool) -> Void) {
    remaining = operations.rawValue.nonzeroBitCount
    self.done = done
  }

  /// Ends one of its operations.
  func end(_ ok: Bool, _ effects: inout InProcessEffects) {
    isOK = isOK && ok
    remaining -= 1
    guard remaining == 0 else { return }
    let (done, ok) = (done, isOK)
    effects.append { done(ok) }
  }
}
