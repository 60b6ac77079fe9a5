import JSON

/// Frames of server-sent events.
enum Event {
  /// A frame with data, and a name where there is one.
  static func frame(_ name: String? = nil, _ body: (inout JSONWriter) -> Void) -> [UInt8] {
    var writer = JSONWriter()
    writer.object(body)
    var bytes = name.map { Array("event: \($0)\n".utf8) } ?? []
    bytes += data
    bytes += writer.bytes
    bytes += end
    return bytes
  }

  /// A frame with an error.
  static func failure(_ error: APIError, _ form: ErrorForm) -> [UInt8] {
    var bytes = form == .anthropic ? Array("event: error\n".utf8) : []
    bytes += data
    bytes += form.json(error)
    bytes += end
    return bytes
  }

  private static let data = Array("data: ".utf8)
  private static let end = Array("\n\n".utf8)
}
