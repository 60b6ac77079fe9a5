import Glibc
import NIOSSL
import Synchronization

/// The files of a server's TLS, and what was last read from them.
///
/// New connections use the newest files that could be used; those under way keep what they began with.
public final class TLSFiles: Sendable {
  /// Why files cannot be used.
  public struct Unusable: Error, Sendable, Equatable, CustomStringConvertible {
    /// One line for people to read, with the file's name.
    public let description: String
  }

  /// What tells that a file has changed.
  private struct Mark: Equatable {
    let device, inode: UInt64
    let size, seconds, nanoseconds: Int
  }

  private struct State {
    var context: NIOSSLContext
    var marks: [Mark?]
  }

  private let certificate: String
  private let key: String
  private let clientCA: String?
  private let state: Mutex<State>

  /// Reads the files.
  ///
  /// - Parameters:
  ///   - certificate: The server's certificate and those that vouch for it, in PEM.
  ///   - key: Its private key, in PEM.
  ///   - clientCA: Authorities that must have signed a client's certificate; nil: clients need none.
  public init(certificate: String, key: String, clientCA: String? = nil) throws(Unusable) {
    self.certificate = certificate
    self.key = key
    self.clientCA = clientCA
    let paths = [certificate, key] + (clientCA.map { [$0] } ?? [])
    // The marks are taken first: a change while the files are read is seen later.
    let marks = paths.map { Self.mark($0) }
    state = Mutex(State(context: try Self.read(certificate, key, clientCA), marks: marks))
  }

  var context: NIOSSLContext { state.withLock { $0.context } }

  /// Reads the files again if they have changed; blocks.
  ///
  /// - Returns: What to tell the operator; nil when nothing has changed.
  func refresh() -> String? {
    let marks = ([certificate, key] + (clientCA.map { [$0] } ?? [])).map { Self.mark($0) }
    guard marks != state.withLock({ $0.marks }) else { return nil }
    do throws(Unusable) {
      let context = try Self.read(certificate, key, clientCA)
      state.withLock { $0 = State(context: context, marks: marks) }
      return "the TLS certificate was replaced: \(certificate)"
    } catch {
      state.withLock { $0.marks = marks }
      return "the TLS files have changed but cannot be used, so the old ones stay in use: \(error)"
    }
  }

  private static func mark(_ path: String) -> Mark? {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    return Mark(
      device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int(status.st_size),
      seconds: status.st_mtim.tv_sec, nanoseconds: status.st_mtim.tv_nsec)
  }

  private static func read(
    _ certificate: String, _ key: String, _ clientCA: String?
  ) throws(Unusable) -> NIOSSLContext {
    let chain = try certificates(certificate)
    let privateKey: NIOSSLPrivateKey
    do {
      privateKey = try NIOSSLPrivateKey(bytes: try bytes(key), format: .pem)
    } catch let error as Unusable {
      throw error
    } catch {
      throw Unusable(description: "'\(key)' has no private key in PEM without a password")
    }
    var configuration = TLSConfiguration.makeServerConfiguration(
      certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(privateKey))
    configuration.minimumTLSVersion = .tlsv12
    configuration.applicationProtocols = ["h2"]
    if let clientCA {
      configuration.trustRoots = .certificates(try certificates(clientCA))
      configuration.certificateVerification = .noHostnameVerification
    }
    do {
      return try NIOSSLContext(configuration: configuration)
    } catch {
      throw Unusable(
        description: "the key in '\(key)' does not belong to the certificate in '\(certificate)'")
    }
  }

  private static func certificates(_ path: String) throws(Unusable) -> [NIOSSLCertificate] {
    let contents = try bytes(path)
    guard let found = try? NIOSSLCertificate.fromPEMBytes(contents), !found.isEmpty else {
      throw Unusable(description: "'\(path)' has no certificate in PEM")
    }
    return found
  }

  /// A regular file's contents, of a size that a PEM file has.
  private static func bytes(_ path: String) throws(Unusable) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Unusable(description: "cannot read '\(path)': \(String(cString: strerror(errno)))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw Unusable(description: "'\(path)' is not a regular file")
    }
    let limit = ListenerLimits.certificateFileBytes
    var contents = [UInt8](repeating: 0, count: limit + 1)
    var count = 0
    while count <= limit {
      let step = contents.withUnsafeMutableBytes { buffer in
        Glibc.read(descriptor, buffer.baseAddress.map { $0 + count }, buffer.count - count)
      }
      if step < 0, errno == EINTR { continue }
      guard step >= 0 else {
        throw Unusable(description: "cannot read '\(path)': \(String(cString: strerror(errno)))")
      }
      if step == 0 { break }
      count += step
    }
    guard count <= limit else {
      throw Unusable(description: "'\(path)' is larger than 1 MiB, too large for PEM")
    }
    return Array(contents.prefix(count))
  }
}
