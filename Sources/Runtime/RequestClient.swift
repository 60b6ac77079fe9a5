/// Who asks, while a request is served: a process on this machine, a token, or an address.
public enum RequestClient {
  /// The client of the request that the current task serves; empty: the daemon itself.
  @TaskLocal public static var current = ""
}
