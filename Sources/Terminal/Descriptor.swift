import Glibc

/// Writes a whole text, and waits while the descriptor is full; returns 0 or an errno value.
public func writeAll(_ text: String, to descriptor: Int32) -> Int32 {
  writeAll(Array(text.utf8), to: descriptor)
}

/// Writes all bytes, and waits while the descriptor is full; returns 0 or an errno value.
public func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> Int32 {
  bytes.withUnsafeBytes { buffer in
    var offset = 0
    while offset < buffer.count {
      let rest = UnsafeRawBufferPointer(rebasing: buffer[offset...])
      let count = write(descriptor, rest.baseAddress, rest.count)
      if count >= 0 {
        offset += count
      } else if errno == EAGAIN {
        var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        _ = poll(&item, 1, -1)
      } else if errno != EINTR {
        return errno
      }
    }
    return 0
  }
}

/// The result of one read.
enum ReadResult: Equatable {
  case bytes([UInt8])
  case end
  /// A signal arrived, such as SIGWINCH.
  case interrupted
}

/// Reads what is available, and waits for at least one byte; an error counts as the end.
func readSome(_ descriptor: Int32) -> ReadResult {
  var buffer = [UInt8](repeating: 0, count: 4096)
  while true {
    let count = read(descriptor, &buffer, buffer.count)
    if count > 0 { return .bytes(Array(buffer[..<count])) }
    if count == 0 { return .end }
    switch errno {
    case EINTR: return .interrupted
    case EAGAIN:
      var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      if poll(&item, 1, -1) < 0, errno == EINTR { return .interrupted }
    default: return .end
    }
  }
}
