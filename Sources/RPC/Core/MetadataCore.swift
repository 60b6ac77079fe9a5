import CGRPC

extension Metadata {
  /// The trailer that carries a serialised `google.rpc.Status`.
  static let statusDetailsKey = "grpc-status-details-bin"

  /// Keys that the protocol itself sends, besides all that begin with `grpc-` or `:`.
  private static let reserved: Set<String> = [
    "content-type", "te", "host", "connection", "transfer-encoding",
  ]

  /// Copies what the core received.
  init(core: OpaquePointer) {
    self.init()
    for index in 0..<cgrpc_metadata_get_count(core) {
      var length = 0
      let keyStart = cgrpc_metadata_get_key(core, index, &length)
      let key = String(decoding: UnsafeRawBufferPointer(start: keyStart, count: length), as: UTF8.self)
      let valueStart = cgrpc_metadata_get_value(core, index, &length)
      let value = UnsafeRawBufferPointer(start: valueStart, count: length)
      if key.hasSuffix("-bin") {
        append(key, binary: Array(value))
      } else {
        append(key, String(decoding: value, as: UTF8.self))
      }
    }
  }

  /// A copy for the core, which the caller owns; nil when there is nothing.
  ///
  /// What `check` refuses is left out.
  func makeCore() -> OpaquePointer? {
    guard !isEmpty, let core = cgrpc_metadata_create(entries.count) else { return nil }
    for entry in entries { _ = Self.add(entry, to: core) }
    return core
  }

  /// Throws INVALID_ARGUMENT naming the first entry that cannot be sent.
  func check() throws(RPCError) {
    guard !isEmpty, let core = cgrpc_metadata_create(entries.count) else { return }
    defer { cgrpc_metadata_destroy(core) }
    for entry in entries where entry.key != Self.statusDetailsKey {
      if entry.key.hasPrefix("grpc-") || Self.reserved.contains(entry.key) {
        throw RPCError(.invalidArgument, "metadata key \"\(entry.key)\" is reserved for the protocol")
      }
      if !Self.add(entry, to: core) {
        throw RPCError(
          .invalidArgument,
          "metadata \"\(entry.key)\" cannot be sent: keys are [0-9a-z_.-]+, text is printable ASCII, "
            + "binary values need a key that ends in -bin")
      }
    }
  }

  private static func add(_ entry: Entry, to core: OpaquePointer) -> Bool {
    let bytes: [UInt8]
    switch entry.value {
    case .text(let text):
      bytes = Array(text.utf8)
    case .binary(let binary):
      guard entry.key.hasSuffix("-bin") else { return false }
      bytes = binary
    }
    let key = entry.key
    return bytes.withUnsafeBufferPointer { value in
      cgrpc_metadata_add(core, key, key.utf8.count, value.baseAddress, value.count)
    }
  }
}
