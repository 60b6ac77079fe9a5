import Access
import Connecting
import NIOSSL

/// The files of the gateway's own certificate.
struct TLSFiles {
  let certificate: String
  let key: String

  /// The server's side of TLS with what they hold.
  ///
  /// - Throws: `usage` for a file that holds something else, or a key that others can read.
  func configuration() throws(ConnectionError) -> TLSConfiguration {
    let chain: String
    let secret: String
    do throws(AccessError) {
      chain = try PrivateFile.readShared(certificate)
      secret = try PrivateFile.read(key)
    } catch {
      throw ConnectionError(error)
    }
    guard let certificates = try? NIOSSLCertificate.fromPEMBytes(Array(chain.utf8)), !certificates.isEmpty
    else {
      throw ConnectionError(
        .usage, "'\(certificate)' has no certificate in PEM form (-----BEGIN CERTIFICATE-----)")
    }
    guard let privateKey = try? NIOSSLPrivateKey(bytes: Array(secret.utf8), format: .pem) else {
      throw ConnectionError(
        .usage, "'\(key)' has no private key in PEM form (-----BEGIN PRIVATE KEY-----) without a password")
    }
    let configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    do {
      _ = try NIOSSLContext(configuration: configuration)
    } catch {
      throw ConnectionError(.usage, "'\(key)' is not the private key of '\(certificate)'")
    }
    return configuration
  }
}
