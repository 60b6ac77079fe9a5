import Runtime
import Testing

@testable import Host

@Suite("What a configuration file may say") struct DaemonConfigurationTests {
  private func read(_ yaml: String) throws -> DaemonConfiguration {
    try DaemonConfiguration(yaml: yaml, path: "w.yaml")
  }

  private func refusal(_ yaml: String) -> String {
    do {
      _ = try read(yaml)
      return ""
    } catch let error as WorkbenchError {
      return error.kind == .invalidArgument ? error.message : "\(error.kind)"
    } catch {
      return "another error: \(error)"
    }
  }

  @Test("An empty file is every default", arguments: ["", "# nothing\n", "{}", "\n\n"])
  func empty(yaml: String) throws {
    #expect(try read(yaml) == DaemonConfiguration())
  }

  @Test("A byte-order mark in front is not part of the first key")
  func byteOrderMark() throws {
    #expect(try read("\u{FEFF}log_level: debug\nlog_format: json\n").logLevel == "debug")
    #expect(try read("\u{FEFF}") == DaemonConfiguration())
  }

  @Test("Every key reaches its setting") func everyKey() throws {
    let configuration = try read(
      """
      socket: /run/w.sock
      listen: ["127.0.0.1:1", "[::1]:2"]
      insecure_listen: true
      tokens: /etc/workbench/tokens
      model_folders: [/models, more]
      tls: {certificate: /c.pem, key: /k.pem, client_ca: /ca.pem}
      plugin_directories: [/p, q]
      state: /var/s.db
      log_level: debug
      log_format: json
      drain_seconds: 0
      models:
        - path: /m/a.gguf
        - path: /m/b.gguf
          name: b
          template: chatml
          preset: default
          context_length: 512
          threads: 3
          max_sequences: 4
          cache_bytes: 1000000
          cache_type: f32
          tokenizer: /t.json
      """)
    var expected = DaemonConfiguration()
    expected.socket = "/run/w.sock"
    expected.listen = ["127.0.0.1:1", "[::1]:2"]
    expected.insecureListen = true
    expected.tokens = "/etc/workbench/tokens"
    expected.modelFolders = ["/models", "more"]
    expected.tls = .init(certificate: "/c.pem", key: "/k.pem", clientCA: "/ca.pem")
    expected.pluginDirectories = ["/p", "q"]
    expected.state = "/var/s.db"
    expected.logLevel = "debug"
    expected.logFormat = "json"
    expected.drainSeconds = 0
    var source = ModelSource(path: "/m/b.gguf")
    source.contextLength = 512
    source.threads = 3
    source.maxSequences = 4
    source.cacheBytes = 1_000_000
    source.cacheType = "f32"
    source.tokenizer = "/t.json"
    expected.models = [
      .init(source: ModelSource(path: "/m/a.gguf")),
      .init(source: source, name: "b", template: "chatml", preset: "default"),
    ]
    #expect(configuration == expected)
  }

  @Test(
    "A value of the wrong type is refused by its key, with what it takes",
    arguments: [
      ("socket: [a]", "socket"), ("listen: here", "listen"), ("listen: [[a]]", "listen"),
      ("insecure_listen: maybe", "insecure_listen"), ("tokens: [a]", "tokens"),
      ("model_folders: /models", "model_folders"),
      ("plugin_directories: {a: b}", "plugin_directories"), ("log_level: loud", "log_level"),
      ("log_format: xml", "log_format"), ("drain_seconds: soon", "drain_seconds"),
      ("drain_seconds: -1", "drain_seconds"), ("drain_seconds: 1.5", "drain_seconds"),
      ("models: a", "models"), ("tls: a", "tls"), ("tls: {certificate: a}", "key"),
      ("tls: {key: a}", "certificate"), ("tls: {certificate: [a], key: b}", "certificate"),
      ("tls: {certificate: a, key: b, ca: c}", "client_ca"),
      ("models: [{path: a, threads: many}]", "threads"),
      ("models: [{path: a, context_length: -1}]", "context_length"),
      ("models: [{path: [a]}]", "path"), ("models: [{name: a}]", "path"),
    ])
  func wrongType(yaml: String, key: String) {
    let message = refusal(yaml)
    #expect(message.contains("w.yaml") && message.contains(key), "\(message)")
  }

  @Test(
    "The cache's size is written as on the command line",
    arguments: [
      ("1000000", 1_000_000), ("2G", 2 << 30), ("\"2G\"", 2 << 30), ("512MiB", 512 << 20), ("1.5k", 1536),
    ])
  func cacheSize(text: String, bytes: Int) throws {
    let configuration = try read("models: [{path: a, cache_bytes: \(text)}]")
    #expect(configuration.models.first?.source.cacheBytes == bytes)
  }

  @Test("What is no size is refused with one", arguments: ["-1", "2X", "many", "[1]", "20000000T"])
  func noSize(text: String) {
    let message = refusal("models: [{path: a, cache_bytes: \(text)}]")
    #expect(message.contains("cache_bytes must be a size such as"), "\(message)")
  }

  @Test("An unknown key is refused with the known ones, at both levels") func unknownKeys() {
    let top = refusal("sockett: a")
    #expect(top.contains("sockett") && top.contains("drain_seconds"), "\(top)")
    let model = refusal("models: [{path: a}, {path: b, thread: 3}]")
    #expect(
      model.contains("models[1]") && model.contains("\"thread\"") || model.contains("'thread'"), "\(model)")
    #expect(model.contains("max_sequences"))
  }

  @Test(
    "What is not a mapping, or not YAML, is refused with the file's name",
    arguments: ["- a", "7", "a: [", "\t"])
  func notAMapping(yaml: String) {
    #expect(refusal(yaml).contains("w.yaml"))
  }

  @Test(
    "An argument is a path, or a path and a name",
    arguments: [
      ("/m/a.gguf", "/m/a.gguf", nil), ("/m/a.gguf=x", "/m/a.gguf", "x"), ("a=b=c", "a", "b=c"),
      ("a=", "a", ""),
    ] as [(String, String, String?)])
  func argument(text: String, path: String, name: String?) {
    let model = DaemonConfiguration.Model(argument: text)
    #expect(model.source == ModelSource(path: path) && model.name == name)
  }
}
