import RPC
import Testing

@Suite(.timeLimit(.minutes(1)))
struct KindsTests {
  @Test("A unary call returns what its handler returned", arguments: Wire.allCases)
  func unary(_ wire: Wire) async throws {
    try await withEcho(wire) { channel, _ in
      for size in [0, 1, 1000, 3_000_000] {
        let message = [UInt8](repeating: 5, count: size)
        let answer = try await channel.unary(Echo.say, message)
        #expect(answer == message)
      }
    }
  }

  @Test("A stream of responses arrives whole and in order", arguments: Wire.allCases)
  func serverStreaming(_ wire: Wire) async throws {
    try await withEcho(wire) { channel, _ in
      var received: [String] = []
      for try await response in try await channel.serverStreaming(Echo.count, Array("500".utf8)) {
        received.append(String(decoding: response, as: UTF8.self))
      }
      #expect(received == (0..<500).map(String.init))
    }
  }
}
