/// Finds the frames in one direction of a connection, however its bytes are cut into pieces.
///
/// It keeps one header and one value of at most six bytes.
struct FrameReader {
  /// What a reader comes across, in this order for each frame.
  enum Event: Equatable {
    case start(FrameHeader)
    /// A value of a SETTINGS, WINDOW_UPDATE or RST_STREAM frame, as one number.
    case value(UInt64, FrameHeader)
    /// Some of a payload that is not looked at.
    case payload(FrameHeader)
    case end(FrameHeader)
  }

  private var head: [UInt8] = []
  private var current: FrameHeader?
  private var left = 0
  private var value: UInt64 = 0
  private var valueBytes = 0

  /// Whether all bytes so far make up whole frames.
  var isBetweenFrames: Bool { current == nil && head.isEmpty }

  /// The next event in `bytes` at `position`, which moves on; nil when more bytes are needed.
  mutating func next(in bytes: UnsafeRawBufferPointer, at position: inout Int) -> Event? {
    guard let frame = current else { return readHeader(in: bytes, at: &position) }
    if left == 0 {
      current = nil
      return .end(frame)
    }
    guard position < bytes.count else { return nil }
    if frame.valueSize > 0 { return readValue(of: frame, in: bytes, at: &position) }
    let step = min(left, bytes.count - position)
    position += step
    left -= step
    return .payload(frame)
  }

  private mutating func readHeader(in bytes: UnsafeRawBufferPointer, at position: inout Int) -> Event? {
    let step = min(FrameHeader.size - head.count, bytes.count - position)
    head.append(contentsOf: bytes[position..<position + step])
    position += step
    guard head.count == FrameHeader.size else { return nil }
    let frame = FrameHeader(head)
    head.removeAll(keepingCapacity: true)
    current = frame
    left = frame.length
    value = 0
    valueBytes = 0
    return .start(frame)
  }

  private mutating func readValue(
    of frame: FrameHeader, in bytes: UnsafeRawBufferPointer, at position: inout Int
  ) -> Event? {
    while position < bytes.count, left > 0 {
      value = value << 8 | UInt64(bytes[position])
      valueBytes += 1
      position += 1
      left -= 1
      guard valueBytes == frame.valueSize else { continue }
      defer {
        value = 0
        valueBytes = 0
      }
      return .value(value, frame)
    }
    return left == 0 ? .payload(frame) : nil
  }
}
