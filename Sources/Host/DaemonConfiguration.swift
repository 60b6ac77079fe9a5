import Logging
public import Runtime
import Units
import Yams

/// The daemon's settings: from its configuration file, overridden by command-line arguments.
public struct DaemonConfiguration: Sendable, Equatable {
  /// A model to load at start-up.
  public struct Model: Sendable, Equatable {
    /// The file and how to load it.
    public var source: ModelSource
    /// The name in requests; nil: the file's base name.
    public var name: String?
    /// The template of its chats; nil: the model file's own, or the profile's.
    public var template: String?
    /// The sampler preset of requests that do not name one; nil: the profile's samplers.
    public var preset: String?
    /// The profile of requests that do not name one; nil: the model card's, if the card is known.
    public var profile: String?

    /// A model with its file and what applies to its requests.
    public init(
      source: ModelSource, name: String? = nil, template: String? = nil, preset: String? = nil,
      profile: String? = nil
    ) {
      self.source = source
      self.name = name
      self.template = template
      self.preset = preset
      self.profile = profile
    }

    /// The name in requests, which may still turn out to be none that is allowed.
    public var nameInRequests: String { name ?? ModelName.fromPath(source.path) }

    /// `PATH` or `PATH=NAME`, as `--model` takes it.
    public init(argument: String) {
      let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      self.init(source: ModelSource(path: String(parts[0])), name: parts.count > 1 ? String(parts[1]) : nil)
    }
  }

  /// Files for TLS on the TCP addresses, in PEM; read again whenever they change.
  public struct TLS: Sendable, Equatable {
    /// The server's certificate, followed by those that vouch for it up to the authority.
    public var certificate: String
    /// The certificate's private key.
    public var key: String
    /// Certificates of the authorities that must have signed a client's certificate; nil: clients need none.
    public var clientCA: String?

    /// The files of a server's TLS.
    public init(certificate: String, key: String, clientCA: String? = nil) {
      self.certificate = certificate
      self.key = key
      self.clientCA = clientCA
    }
  }

  /// The unix socket's path; nil: the default path.
  public var socket: String?
  /// TCP addresses such as "127.0.0.1:50051"; none by default.
  public var listen: [String] = []
  /// Whether a loopback address may be listened on without TLS.
  public var insecureListen = false
  /// The file of tokens that callers over TCP must have; nil: none is asked for.
  public var tokens: String?
  /// Folders in which callers that may not manage can name models and tokenizers.
  public var modelFolders: [String] = []
  /// TLS for all of `listen`; nil: plain text.
  public var tls: TLS?
  /// Models to load at start-up, in order.
  public var models: [Model] = []
  /// Plugin folders.
  public var pluginDirectories: [String] = []
  /// The state file, or "none" to keep nothing; nil: the default path.
  public var state: String?
  /// "trace" to "critical".
  public var logLevel = "info"
  /// "text" or "json".
  public var logFormat = "text"
  /// How long running streams may continue after SIGTERM.
  public var drainSeconds = 30

  /// Every default.
  public init() {}
}

extension DaemonConfiguration {
  /// The keys of a configuration file.
  private static let keys = [
    "socket", "listen", "insecure_listen", "tls", "tokens", "model_folders", "models", "plugin_directories",
    "state", "log_level", "log_format", "drain_seconds",
  ]
  /// The keys of `tls`.
  private static let tlsKeys = ["certificate", "key", "client_ca"]
  /// The keys of an entry under `models`.
  private static let modelKeys = [
    "path", "name", "template", "context_length", "threads", "max_sequences", "cache_bytes",
    "cache_type", "quantize", "tokenizer", "preset", "profile",
  ]

  /// Reads a YAML file's text.
  ///
  /// - Throws: `WorkbenchError` naming the key, what it holds and what it takes.
  public init(yaml: String, path: String) throws {
    self.init()
    guard let node = try YAMLText.root(yaml, file: path), node != "" else { return }
    let fields = try Fields(node, keys: Self.keys, place: path)
    socket = try fields.string("socket")
    listen = try fields.strings("listen") ?? []
    insecureListen = try fields.boolean("insecure_listen") ?? false
    tokens = try fields.string("tokens")
    modelFolders = try fields.strings("model_folders") ?? []
    tls = try fields.node("tls").map { try Self.tls(Fields($0, keys: Self.tlsKeys, place: "\(path): tls")) }
    pluginDirectories = try fields.strings("plugin_directories") ?? []
    state = try fields.string("state")
    logLevel = try fields.string("log_level", oneOf: Logger.Level.allCases.map(\.rawValue)) ?? logLevel
    logFormat = try fields.string("log_format", oneOf: ["text", "json"]) ?? logFormat
    drainSeconds = try fields.integer("drain_seconds") ?? drainSeconds
    for (index, entry) in (try fields.nodes("models") ?? []).enumerated() {
      models.append(try Self.model(Fields(entry, keys: Self.modelKeys, place: "\(path): models[\(index)]")))
    }
  }

  private static func tls(_ fields: Fields) throws -> TLS {
    guard let certificate = try fields.string("certificate") else {
      throw WorkbenchError(.invalidArgument, "\(fields.place): certificate is missing")
    }
    guard let key = try fields.string("key") else {
      throw WorkbenchError(.invalidArgument, "\(fields.place): key is missing")
    }
    return TLS(certificate: certificate, key: key, clientCA: try fields.string("client_ca"))
  }

  private static func model(_ fields: Fields) throws -> Model {
    guard let path = try fields.string("path") else {
      throw WorkbenchError(.invalidArgument, "\(fields.place): path is missing")
    }
    var source = ModelSource(path: path)
    source.contextLength = try fields.integer("context_length")
    source.threads = try fields.integer("threads")
    source.maxSequences = try fields.integer("max_sequences")
    source.cacheBytes = try fields.size("cache_bytes")
    source.cacheType = try fields.string("cache_type")
    source.quantize = try fields.string("quantize")
    source.tokenizer = try fields.string("tokenizer")
    return Model(
      source: source, name: try fields.string("name"), template: try fields.string("template"),
      preset: try fields.string("preset"), profile: try fields.string("profile"))
  }
}

/// The fields of a YAML mapping, each read as the type that it must have.
private struct Fields {
  let place: String
  private var values: [String: Node] = [:]

  init(_ node: Node, keys: [String], place: String) throws {
    self.place = place
    guard let mapping = node.mapping else {
      throw WorkbenchError(
        .invalidArgument, "\(place): expected a mapping with any of: \(keys.joined(separator: ", "))")
    }
    for (key, value) in mapping {
      guard let name = key.string, keys.contains(name) else {
        throw WorkbenchError(
          .invalidArgument,
          "\(place): unknown key '\(key.string ?? "?")'; known keys: \(keys.joined(separator: ", "))")
      }
      values[name] = value
    }
  }

  func node(_ key: String) -> Node? { values[key] }

  func string(_ key: String) throws -> String? {
    try values[key].map { try $0.scalar?.string ?? refuse(key, "a string") }
  }

  func string(_ key: String, oneOf known: [String]) throws -> String? {
    guard let value = try string(key) else { return nil }
    return known.contains(value) ? value : try refuse(key, "one of \(known.joined(separator: ", "))")
  }

  func integer(_ key: String) throws -> Int? {
    try values[key].map { node in
      guard let value = node.int, value >= 0 else { return try refuse(key, "a whole number of at least 0") }
      return value
    }
  }

  func boolean(_ key: String) throws -> Bool? {
    try values[key].map { try $0.bool ?? refuse(key, "true or false") }
  }

  /// A number of bytes, as the command line takes it.
  func size(_ key: String) throws -> Int? {
    try values[key].map { node in
      guard let text = node.scalar?.string, let size = ByteSize(text), let bytes = Int(exactly: size.bytes)
      else { return try refuse(key, "a size such as 1048576, 512M or 2G") }
      return bytes
    }
  }

  func strings(_ key: String) throws -> [String]? {
    try nodes(key)?.map { try $0.scalar?.string ?? refuse(key, "a list of strings") }
  }

  func nodes(_ key: String) throws -> [Node]? {
    try values[key].map { try $0.sequence.map(Array.init) ?? refuse(key, "a list") }
  }

  private func refuse<T>(_ key: String, _ expected: String) throws -> T {
    throw WorkbenchError(.invalidArgument, "\(place): \(key) must be \(expected)")
  }
}
