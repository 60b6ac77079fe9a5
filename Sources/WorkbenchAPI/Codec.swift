public import RPC
public import SwiftProtobuf

extension Method where Request: SwiftProtobuf.Message, Response: SwiftProtobuf.Message {
  /// A method whose messages are protobuf.
  public init(_ service: String, _ name: String, _ kind: MethodKind) {
    self.init(
      service: service, name: name, kind: kind,
      encodeRequest: { try $0.serializedBytes() },
      decodeRequest: { try Request(serializedBytes: $0) },
      encodeResponse: { try $0.serializedBytes() },
      decodeResponse: { try Response(serializedBytes: $0) })
  }
}
