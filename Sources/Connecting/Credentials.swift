import Access
import WorkbenchAPI

/// What a client needs beside an address: a token, and the certificates that it trusts.
public struct Credentials: Sendable {
  /// The environment variable that names a token file.
  public static let tokenVariable = "WORKBENCH_TOKEN_FILE"

  /// Bytes of a token.
  private static let tokenBytes = 512

  /// Sent with each call; nil: none.
  public var token: String?
  /// The authorities that may vouch for the daemon, as PEM text; nil: those that the system trusts.
  public var roots: String?
  /// The client's own certificate and its private key, as PEM texts; nil: none.
  public var identity: (certificates: String, privateKey: String)?

  /// Reads the files; without a token file, the one that the environment names.
  public init(tokenFile: String? = nil, roots: String? = nil) throws(ConnectionError) {
    if let path = tokenFile ?? DefaultAddress.environment(Self.tokenVariable) {
      token = try Self.readToken(path)
    }
    if let roots {
      self.roots = try Self.checkPEM(
        try Self.read(roots), "CERTIFICATE", roots,
        hint: "--ca takes the certificate of the authority that signed the daemon's")
    }
  }

  /// Reads the files of the client's own certificate.
  public mutating func setIdentity(certificate: String, key: String) throws(ConnectionError) {
    identity = (
      try Self.checkPEM(
        try Self.read(certificate), "CERTIFICATE", certificate,
        hint: "--client-cert takes the client's certificate"),
      try Self.checkPEM(
        try Self.readPrivate(key), "PRIVATE KEY", key,
        hint: "--client-key takes the private key, without a password")
    )
  }

  private static func read(_ path: String) throws(ConnectionError) -> String {
    do throws(AccessError) { return try PrivateFile.readShared(path) } catch { throw ConnectionError(error) }
  }

  private static func readPrivate(_ path: String) throws(ConnectionError) -> String {
    do throws(AccessError) { return try PrivateFile.read(path) } catch { throw ConnectionError(error) }
  }

  private static func readToken(_ path: String) throws(ConnectionError) -> String {
    let text = try readPrivate(path)
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, words[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      words[0].utf8.count <= Self.tokenBytes
    else {
      throw ConnectionError(
        .usage, "'\(path)' does not hold a token: it must be one line, as 'workbench token create' prints it")
    }
    return String(words[0])
  }

  /// The text of a file with a certificate or a key; whatever else it holds is left to the core.
  private static func checkPEM(
    _ text: String, _ kind: String, _ path: String, hint: String
  ) throws(ConnectionError) -> String {
    guard ["", "EC ", "RSA "].contains(where: { text.contains("-----BEGIN \($0)\(kind)-----") }) else {
      throw ConnectionError(
        .usage, "'\(path)' has no \(kind.lowercased()) in PEM form (-----BEGIN \(kind)-----)", hint: hint)
    }
    return text
  }
}
