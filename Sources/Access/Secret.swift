import Crypto

/// A bearer token: 256 random bits as text, of which only the SHA-256 hash is kept.
public enum Secret {
  /// The start of every token, by which scanners for leaked secrets can find it.
  private static let prefix = "wb_"
  private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")

  /// A new token, from the system's random numbers, in the alphabet of base64url.
  public static func make() -> String {
    var random = SystemRandomNumberGenerator()
    var text = prefix
    // Six bits a character: 43 of them hold 256 bits.
    for _ in 0..<(Limits.randomBytes * 8 + 5) / 6 {
      text.append(alphabet[Int(random.next() & 63)])
    }
    return text
  }

  /// The SHA-256 hash of a token.
  static func digest(of token: String) -> [UInt8] {
    var hash = SHA256()
    var token = token
    token.withUTF8 { hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }
    return Array(hash.finalize())
  }

  /// Whether two tokens are the same, in a time that does not depend on where they differ.
  public static func isSame(_ first: String, _ second: String) -> Bool {
    areEqual(digest(of: first), digest(of: second))
  }

  /// Whether two hashes are equal, in a time that does not depend on where they differ.
  static func areEqual(_ first: [UInt8], _ second: [UInt8]) -> Bool {
    guard first.count == second.count else { return false }
    return zip(first, second).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
