import Host
import Runtime
import Testing

@testable import DaemonRole

@Suite("Which addresses may be listened on") struct ListenRuleTests {
  private static let loopback = ["127.0.0.1", "127.9.9.9", "::1", "localhost"]
  private static let others = [
    "0.0.0.0", "::", "192.0.2.1", "10.0.0.1", "2001:db8::1", "::ffff:127.0.0.1", "128.0.0.1",
    "no.such.invalid",
  ]

  @Test("Settings for TCP addresses are refused when there is no such address, each by name")
  func unused() throws {
    var configuration = DaemonConfiguration()
    try ListenRule.requireUsed(configuration)
    configuration.tokens = "/t"
    #expect(throws: WorkbenchError.self) { try ListenRule.requireUsed(configuration) }
    configuration.tls = .init(certificate: "/c", key: "/k")
    configuration.insecureListen = true
    let error = #expect(throws: WorkbenchError.self) { try ListenRule.requireUsed(configuration) }
    for option in ["--tls-cert", "--tokens", "--insecure-listen", "--listen HOST:PORT"] {
      #expect(error?.message.contains(option) == true)
    }
    configuration.listen = ["127.0.0.1:0"]
    try ListenRule.requireUsed(configuration)
  }

  private func error(_ rule: ListenRule, _ host: String) -> String? {
    do {
      try rule.check(host, "\(host):1")
      return nil
    } catch {
      return (error as? WorkbenchError)?.message
    }
  }

  @Test("An address is refused unless it has TLS and tokens, or is loopback and --insecure-listen was given")
  func rule() {
    for hasTLS in [false, true] {
      for hasTokens in [false, true] {
        for allowsInsecure in [false, true] {
          let rule = ListenRule(hasTLS: hasTLS, hasTokens: hasTokens, allowsInsecure: allowsInsecure)
          for host in Self.loopback + Self.others {
            let isLoopback = Self.loopback.contains(host)
            let message = error(rule, host)
            #expect(
              (message == nil) == (hasTLS && hasTokens || isLoopback && allowsInsecure), "\(rule) \(host)")
            guard let message else { continue }
            #expect(
              message.contains("--tls-cert") == !hasTLS && message.contains("--tokens FILE") == !hasTokens)
            #expect(message.contains("or add --insecure-listen") == isLoopback)
            #expect(message.contains("only for loopback") == (!isLoopback && allowsInsecure))
          }
        }
      }
    }
  }

  @Test("The rule follows the configuration")
  func configuration() {
    var configuration = DaemonConfiguration()
    #expect(error(ListenRule(configuration), "127.0.0.1") != nil)
    configuration.tokens = "tokens"
    #expect(error(ListenRule(configuration), "127.0.0.1")?.contains("--tokens") == false)
    configuration.insecureListen = true
    #expect(error(ListenRule(configuration), "127.0.0.1") == nil)
    #expect(error(ListenRule(configuration), "0.0.0.0") != nil)
  }
}
