import CGRPC

/// Settings of one server or channel, as the core spells them.
struct Arguments: ~Copyable {
  let pointer: OpaquePointer

  init() {
    Library.started
    guard let pointer = cgrpc_arguments_create() else { preconditionFailure("no memory") }
    self.pointer = pointer
  }

  deinit { cgrpc_arguments_destroy(pointer) }

  func add(_ key: String, _ value: Int) {
    cgrpc_arguments_add_integer(pointer, key, Int32(clamping: value))
  }

  func add(_ key: String, _ value: Duration) {
    add(key, value.wholeMilliseconds)
  }

  func add(_ key: String, _ value: String) {
    cgrpc_arguments_add_string(pointer, key, value)
  }

  func addQuota(bytes: Int) {
    cgrpc_arguments_add_quota(pointer, max(bytes, 1))
  }

  /// What both sides need: sizes, keepalive, no compression.
  ///
  /// The core decompresses messages without a limit, so only identity is offered; a peer that compresses anyway gets
  /// UNIMPLEMENTED.
  func addCommon(receivedMessageBytes: Int, keepalive: Duration) {
    add("grpc.max_receive_message_length", receivedMessageBytes)
    add("grpc.max_send_message_length", -1)
    add("grpc.max_metadata_size", Limits.metadataBytes)
    add("grpc.compression_enabled_algorithms_bitset", 1)
    add("grpc.keepalive_time_ms", keepalive)
    add("grpc.keepalive_timeout_ms", Limits.keepaliveTimeout)
    add("grpc.keepalive_permit_without_calls", 0)
    // 0: without a limit; otherwise a stream that is silent for long loses its keepalive.
    add("grpc.http2.max_pings_without_data", 0)
    add("grpc.enable_channelz", 0)
  }
}

extension Duration {
  /// In milliseconds, rounded up, saturating.
  var wholeMilliseconds: Int {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = Int(seconds).multipliedReportingOverflow(by: 1000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carry) = scaled.addingReportingOverflow(
      Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000))
    return carry ? .max : sum
  }

  /// In nanoseconds, saturating.
  var wholeNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carry) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carry ? .max : sum
  }
}
