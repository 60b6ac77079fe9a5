import RPC

/// Bytes of the messages between daemon and worker, which must not be what stops a message of the API.
public enum MessageLimits {
  /// Of a request: the largest of the API, with the template and the preset that the daemon adds.
  public static let request = RPC.Limits.receivedMessageBytes + (16 << 20)
  /// Of an answer: some twenty times a request, since a token of one byte takes about twenty bytes.
  public static let answer = 256 << 20
}
