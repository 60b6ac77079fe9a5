import CGRPC

/// A message in its encoded form, unread: what a relay passes on without decoding it.
public struct RawMessage: Sendable {
  private enum Storage {
    case bytes([UInt8])
    case core(CoreMessage)
  }

  private let storage: Storage

  /// A message of these bytes.
  public init(_ bytes: [UInt8]) { storage = .bytes(bytes) }

  /// A message that the core received, kept in the core's memory.
  init(taking pointer: OpaquePointer) { storage = .core(CoreMessage(taking: pointer)) }

  /// The encoded bytes; a copy if the message came over a connection.
  public var bytes: [UInt8] {
    switch storage {
    case .bytes(let bytes): bytes
    case .core(let message): message.copyBytes()
    }
  }

  /// The length in bytes.
  public var count: Int {
    switch storage {
    case .bytes(let bytes): bytes.count
    case .core(let message): message.count
    }
  }

  /// A message for the core to send, which the caller owns; shares the memory of one that the core received.
  func makeCore() -> OpaquePointer? {
    switch storage {
    case .bytes(let bytes): bytes.withUnsafeBufferPointer { cgrpc_bytes_create($0.baseAddress, $0.count) }
    case .core(let message): message.share()
    }
  }
}

extension RawMessage: Equatable {
  /// Whether the bytes are the same.
  public static func == (left: RawMessage, right: RawMessage) -> Bool { left.bytes == right.bytes }
}

/// A received message in the core's memory.
private final class CoreMessage: @unchecked Sendable {
  // Holds: the pointer never changes, and nothing writes to what it points to.
  private let pointer: OpaquePointer
  let count: Int

  init(taking pointer: OpaquePointer) {
    self.pointer = pointer
    count = cgrpc_bytes_get_length(pointer)
  }

  deinit { cgrpc_bytes_destroy(pointer) }

  func copyBytes() -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      filled = buffer.baseAddress.map { cgrpc_bytes_copy(pointer, $0, buffer.count) } ?? 0
    }
  }

  func share() -> OpaquePointer? { cgrpc_bytes_share(pointer) }
}
