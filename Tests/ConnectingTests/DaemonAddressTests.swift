import RPC
import Testing

@testable import Connecting

@Suite("Addresses of a daemon") struct DaemonAddressTests {
  private func read(_ text: String, hasRoots: Bool = false) -> (
    address: DaemonAddress?, error: ConnectionError?
  ) {
    do throws(ConnectionError) {
      return (try DaemonAddress(text, hasRoots: hasRoots), nil)
    } catch {
      return (nil, error)
    }
  }

  @Test("TLS is used on request and wherever the connection leaves this machine")
  func forms() {
    // Text, host, TLS, private; the port is 1 throughout.
    let cases: [(String, String, Bool, Bool)] = [
      ("127.0.0.1:1", "127.0.0.1", false, true), ("127.8.0.1:1", "127.8.0.1", false, true),
      ("[::1]:1", "::1", false, true), ("localhost:1", "localhost", false, true),
      ("models.example:1", "models.example", true, true), ("10.0.0.1:1", "10.0.0.1", true, true),
      ("128.0.0.1:1", "128.0.0.1", true, true), ("[2001:db8::1]:1", "2001:db8::1", true, true),
      ("https://localhost:1", "localhost", true, true), ("HTTPS://127.0.0.1:1/", "127.0.0.1", true, true),
      ("http://localhost:1/", "localhost", false, true), ("http://10.0.0.1:1", "10.0.0.1", false, false),
      ("http://localhost.evil.example:1", "localhost.evil.example", false, false),
      ("http://127.0.0.1.evil.example:1", "127.0.0.1.evil.example", false, false),
    ]
    for (text, host, usesTLS, isPrivate) in cases {
      let address = read(text).address
      #expect(address?.target == .tcp(host: host, port: 1), "\(text)")
      #expect(address?.usesTLS == usesTLS && address?.isPrivate == isPrivate, "\(text)")
    }
    #expect(read("127.0.0.1:1", hasRoots: true).address?.usesTLS == true)
    for text in ["unix:/run/s", "/run/s", "unix:///run/s"] {
      let address = read(text).address
      #expect(address?.target == .unix("/run/s") && address?.usesTLS == false && address?.isPrivate == true)
    }
  }

  @Test("An address of another form is refused with the forms that there are")
  func refused() {
    let texts = [
      "http://", "https://", "https://host", "http://host/", "http://host:80/path", "https:///run/s", "host",
      "host:", "host:0", "host:65536", "host:x", "ftp://host:21", "grpc://host:50051", "",
    ]
    for text in texts {
      let error = read(text).error
      #expect(error?.message == "'\(text)' is not a valid address", "\(text)")
      #expect(error?.hint?.contains("https://host:port") == true && error?.kind == .usage, "\(text)")
    }
    #expect(read("unix:/run/s", hasRoots: true).error?.message.contains("--ca") == true)
    #expect(read("http://localhost:1", hasRoots: true).error?.message.contains("--ca") == true)
  }
}
