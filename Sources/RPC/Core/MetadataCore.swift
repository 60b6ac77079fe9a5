import CGRPC

extension Metadata {
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
    for entry in entries where entry.isLegal {
      let (key, bytes) = (entry.key, entry.bytes)
      _ = bytes.withUnsafeBufferPointer { value in
        cgrpc_metadata_add(core, key, key.utf8.count, value.baseAddress, value.count)
      }
    }
    return core
  }
}
