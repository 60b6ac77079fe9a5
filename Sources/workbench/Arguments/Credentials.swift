import Access
import WorkbenchAPI

/// What a client needs beside an address: a token, and the certificates that it trusts.
struct Credentials: Sendable {
  /// The environment variable that names a token file.
  static let tokenVariable = "WORKBENCH_TOKEN_FILE"

  /// Sent with each call; nil: none.
  var token: String?
  /// The authorities that may vouch for the daemon, as PEM text; nil: those that the system trusts.
  var roots: String?

  /// Reads the files; without a token file, the one that the environment names.
  init(tokenFile: String? = nil, roots: String? = nil) throws(ClientError) {
    if let path = tokenFile ?? DefaultAddress.environment(Self.tokenVariable) {
      token = try Self.readToken(path)
    }
    if let roots { self.roots = try Self.readRoots(roots) }
  }

  private static func readToken(_ path: String) throws(ClientError) -> String {
    let text: String
    do throws(AccessError) {
      text = try PrivateFile.read(path)
    } catch {
      throw ClientError(error)
    }
    let words = text.split(whereSeparator: \.isWhitespace)
    guard words.count == 1, words[0].utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
      words[0].utf8.count <= Limits.tokenBytes
    else {
      throw ClientError(
        .usage, "'\(path)' does not hold a token: it must be one line, as 'workbench token create' prints it")
    }
    return String(words[0])
  }

  private static func readRoots(_ path: String) throws(ClientError) -> String {
    let text = try FileInput.readText(path)
    guard text.contains("-----BEGIN CERTIFICATE-----") else {
      throw ClientError(
        .usage, "'\(path)' has no certificate in PEM form (-----BEGIN CERTIFICATE-----)",
        hint: "--ca takes the certificate of the authority that signed the daemon's certificate")
    }
    return text
  }
}

extension ClientError {
  /// An error about a token or a token file.
  init(_ error: AccessError) {
    let status: ExitStatus =
      switch error.kind {
      case .invalid: .usage
      case .notFound: .notFound
      case .exists: .refused
      case .forbidden, .system: .failure
      }
    self.init(status, error.message)
  }
}
