extension Metadata {
  /// The trailer that carries a serialised `google.rpc.Status`.
  static let statusDetailsKey = "grpc-status-details-bin"

  /// Keys that the protocol itself sends, besides all that begin with `grpc-` or `:`.
  private static let reserved: Set<String> = [
    "content-type", "te", "host", "connection", "transfer-encoding",
  ]

  /// Throws INVALID_ARGUMENT naming the first entry that cannot be sent.
  func check() throws(RPCError) {
    for entry in entries where entry.key != Self.statusDetailsKey {
      if entry.key.hasPrefix("grpc-") || Self.reserved.contains(entry.key) {
        throw RPCError(.invalidArgument, "metadata key '\(entry.key)' is reserved for the protocol")
      }
      if !entry.isLegal {
        throw RPCError(
          .invalidArgument,
          "metadata '\(entry.key)' cannot be sent: keys are [0-9a-z_.-]+, text is printable ASCII, "
            + "binary values need a key that ends in -bin")
      }
    }
  }

  /// What a peer receives of it: without the entries that `check` refuses, the values of `-bin` keys as bytes.
  var sendable: Metadata {
    var result = Metadata()
    for entry in entries where entry.isLegal {
      if entry.key.hasSuffix("-bin") {
        result.append(entry.key, binary: entry.bytes)
      } else {
        result.append(entry.key, String(decoding: entry.bytes, as: UTF8.self))
      }
    }
    return result
  }
}

extension Metadata.Entry {
  /// The value as it is sent.
  var bytes: [UInt8] {
    switch value {
    case .text(let text): Array(text.utf8)
    case .binary(let bytes): bytes
    }
  }

  /// Whether the protocol can carry it.
  var isLegal: Bool {
    let isBinary = key.hasSuffix("-bin")
    if case .binary = value, !isBinary { return false }
    let isKeyLegal =
      !key.isEmpty
      && key.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: "-"): true
        default: false
        }
      }
    return isKeyLegal && (isBinary || bytes.allSatisfy { (0x20...0x7e).contains($0) })
  }
}
