// swift-tools-version: 6.2
import PackageDescription

// The architecture: a target may depend only on targets above it.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A library of this package, with the modules and products that it may import.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A C library with one header named after it.
func cModule(_ name: String, links: [String] = []) -> Target {
  .target(
    name: name,
    // Optimised in debug builds too: arithmetic at -O0 would make every test with a real model crawl.
    cSettings: [
      .unsafeFlags(["-Wall", "-Wextra", "-Werror"]), .unsafeFlags(["-O2"], .when(configuration: .debug)),
    ],
    linkerSettings: links.map { .linkedLibrary($0) })
}

/// A binary; its logic lives in the modules.
func executable(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
  .executableTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of a module, in a folder of its name.
func tests(
  _ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = [], resources: [Resource] = []
) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, exclude: exclude,
    resources: resources, swiftSettings: strict)
}

/// A program under Tests: a benchmark, or a process that a test needs to be another one.
func tool(_ path: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
  .executableTarget(
    name: String(path.split(separator: "/").last ?? ""), dependencies: dependencies, path: "Tests/" + path,
    exclude: exclude, swiftSettings: strict)
}

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let nio = [("NIOCore", "swift-nio"), ("NIOPosix", "swift-nio"), ("NIOSSL", "swift-nio-ssl")].map {
  Target.Dependency.product(name: $0.0, package: $0.1)
}
let http = [
  ("Hummingbird", "hummingbird"), ("HummingbirdCore", "hummingbird"), ("HummingbirdTLS", "hummingbird"),
  ("NIOCore", "swift-nio"),
  ("NIOSSL", "swift-nio-ssl"), ("HTTPTypes", "swift-http-types"), ("NIOHTTPTypes", "swift-nio-extras"),
  ("AsyncAlgorithms", "swift-async-algorithms"),
].map { Target.Dependency.product(name: $0.0, package: $0.1) }
let grdb = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let yaml = Target.Dependency.product(name: "Yams", package: "Yams")

let package = Package(
  name: "workbench",
  products: [
    .executable(name: "workbenchd", targets: ["workbenchd"]),
    .executable(name: "workbench", targets: ["workbench"]),
    // The gRPC bridge knows nothing of models and stands on its own.
    .library(name: "RPC", targets: ["RPC"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
    .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
    .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.0"),
    .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C: arithmetic, system calls, and the only door to libgrpc.
    cModule("CKernels", links: ["m"]),
    cModule("CLinux"),
    cModule("CSandbox"),
    cModule("CGRPC", links: ["grpc", "gpr"]),
    // Threads of our own, one-shots, turnstiles, doorbells: one of each; and the child processes.
    module("Concurrency"),
    // What ships as data: templates and presets that their readers compile.
    .target(
      name: "BuiltIns", resources: [.embedInCode("Profiles")], swiftSettings: strict),
    // Sizes and counts as people write them.
    module("Units"),
    // Files that appear when they are complete.
    module("Files"),
    // One reader and one writer for all JSON.
    module("JSON"),
    // Who may do what: roles, tokens, the folders that clients may name.
    module("Access", ["Units", crypto]),
    // What a process sees to before its second thread; lines of a log that nobody waits for.
    module("ProcessStart", ["Concurrency", "Units"]),
    module("Logs", ["Concurrency", "JSON", log]),

    // From messages to logits to a token; each knows only its own stage.
    module("Tokens"),
    module("ModelFormats", ["CSandbox", "JSON", "Units"]),
    module("Jinja", ["Concurrency", "JSON"]),
    module("Chat", ["Jinja"]),
    module("Tokenizers", ["Concurrency", "JSON", "ModelFormats", "Tokens", "Units"]),
    module("Sampling", ["Tokens"]),
    module("Inference", ["CKernels", "Concurrency", "ModelFormats", "Tokens", "Units"]),
    module("Engine", ["Concurrency", "Inference", "Sampling", "Tokens", "Units"]),

    // Libraries of others: the one header they include, and their tables as the same values as the built-ins.
    cModule("CWorkbenchPlugin", links: ["m"]),
    module(
      "Plugins",
      [
        "CWorkbenchPlugin", "Chat", "Concurrency", "Jinja", "Sampling", "Tokenizers", "Tokens",
        "Units",
      ]),

    // The values between a model and its host, and one loaded model from messages to text.
    module("Runtime", ["Sampling", "Units"]),
    module(
      "Pipeline",
      [
        "Chat", "Concurrency", "Engine", "Inference", "Jinja", "ModelFormats", "Plugins", "Runtime",
        "Sampling", "Tokenizers", "Tokens",
      ]),
    // The file in which the daemon keeps what must survive it.
    module("State", ["Concurrency", "JSON", "Runtime", grdb]),
    // Many models; no network and no parser of what is untrusted.
    module(
      "Host", ["BuiltIns", "Concurrency", "Runtime", "Sampling", "State", "Tokens", "Units", log, yaml]),

    // TCP and TLS; looks at HTTP/2 frames before anything else does.
    module("FrameGuard", ["CLinux", "Concurrency"] + nio),
    // gRPC; no models. Then the API, and what daemon and worker say to each other.
    module("RPC", ["CGRPC", "Concurrency"]),
    module("WorkbenchAPI", ["JSON", "RPC", protobuf]),
    module(
      "WorkerProtocol",
      ["CLinux", "CSandbox", "Concurrency", "RPC", "Runtime", "Sampling", "Tokens", "WorkbenchAPI", protobuf]),

    // The roles of workbenchd. What parses models, templates, tokenizers and plugins is linked by the worker's only:
    // neither Services nor DaemonRole may depend on Pipeline, Plugins, Tokenizers, Inference or Jinja.
    module(
      "WorkerRole",
      [
        "Chat", "Concurrency", "Jinja", "ModelFormats", "Pipeline", "Plugins", "RPC", "Runtime", "Sampling",
        "Tokens", "WorkbenchAPI", "WorkerProtocol", protobuf,
      ]),
    module(
      "Services",
      [
        "Access", "Concurrency", "Files", "Host", "JSON", "RPC", "Runtime", "Sampling", "State",
        "WorkbenchAPI",
        "WorkerProtocol", protobuf,
      ]),
    module(
      "DaemonRole",
      [
        "Access", "CKernels", "CSandbox", "Concurrency", "FrameGuard", "Host", "Logs", "ProcessStart", "RPC",
        "Runtime", "Sampling", "Services", "State", "WorkbenchAPI", "WorkerProtocol", lifecycle, log, signals,
      ]),

    // What every client does before its first call: address, token, certificates.
    module("Connecting", ["Access", "RPC", "WorkbenchAPI", arguments]),

    // Arguments, one call, printing.
    module("Terminal"),
    executable(
      "workbenchd",
      [
        "Concurrency", "DaemonRole", "Host", "Logs", "ProcessStart", "RPC", "Runtime", "WorkerProtocol",
        "WorkerRole", arguments, log,
      ]),
    executable(
      "workbench",
      [
        "Access", "CLinux", "Concurrency", "Connecting", "Files", "JSON", "ProcessStart", "RPC", "Terminal",
        "Units",
        "WorkbenchAPI", arguments, protobuf,
      ]),
    // HTTP, as a client of the daemon: a program of its own, which is built when it is asked for.
    executable(
      "workbench-gateway",
      [
        "Access", "Connecting", "JSON", "Logs", "RPC", "WorkbenchAPI", arguments, lifecycle, log, protobuf,
        signals,
      ]
        + http, resources: [.embedInCode("Page")]),

    // Tests, in the same order.
    .target(
      name: "TestSupport", dependencies: ["ModelFormats"], path: "Tests/TestSupport", exclude: ["Cards"],
      swiftSettings: strict),
    tests("Concurrency"),
    tests("Access", ["TestSupport"]),
    tests("CKernels", resources: [.copy("Fixtures")]),
    tests("Logs", ["Concurrency", "JSON", "TestSupport", log]),
    tests("ProcessStart"),
    tests("Tokens"),
    tests("Units"),
    tests("Files", ["TestSupport"]),
    tests("JSON", resources: [.copy("Fixtures")]),
    tests("ModelFormats", ["TestSupport"], resources: [.copy("Fixtures")]),
    tests("Jinja", ["Concurrency"], resources: [.copy("Fixtures")]),
    tests("Chat", ["Jinja", "TestSupport"], resources: [.copy("Fixtures")]),
    tests("BuiltIns", ["Chat"]),
    tests(
      "Tokenizers", ["Concurrency", "JSON", "ModelFormats", "TestSupport", "Tokens"], exclude: ["Fixtures"]),
    tests("Sampling", ["TestSupport", "Tokens"], exclude: ["Fixtures"]),
    tests(
      "Inference", ["CKernels", "ModelFormats", "TestSupport", "Tokens"], resources: [.copy("Fixtures")]),
    tests("Engine", ["Concurrency", "Inference", "Sampling", "Tokens", "Units"]),
    tests("Runtime", ["Sampling", "TestSupport"]),
    tests("State", ["Runtime", "TestSupport", grdb], resources: [.copy("Fixtures")]),
    tests(
      "Pipeline", ["Chat", "ModelFormats", "Runtime", "Sampling", "TestSupport", "Tokenizers", "Tokens"],
      exclude: ["Fixtures/record_scores.py"], resources: [.copy("Fixtures/scores.json")]),
    // Scripted workers for the host's tests, and a whole daemon in the process of a test.
    .target(
      name: "RoleTestSupport",
      dependencies: [
        "Concurrency", "DaemonRole", "Host", "RPC", "Runtime", "Sampling", "Services", "State", "TestSupport",
        "WorkbenchAPI", "WorkerProtocol", "WorkerRole", log, protobuf,
      ],
      path: "Tests/RoleTestSupport", swiftSettings: strict),
    tests(
      "Host",
      [
        "BuiltIns", "Concurrency", "RoleTestSupport", "Runtime", "Sampling", "State", "TestSupport", "Tokens",
        log,
      ]),
    tool("PluginProbe", ["WorkerRole"]),
    tests(
      "Plugins",
      [
        "CWorkbenchPlugin", "Chat", "Jinja", "PluginProbe", "Runtime", "Sampling", "Tokenizers", "Tokens",
        "WorkerProtocol", protobuf,
      ],
      exclude: ["Misbehaving", "Headers"]),
    tool("RPCTestProbe", ["RPC"]),
    tests("FrameGuard", ["RPC"], resources: [.copy("Fixtures")]),
    tests("RPC", ["FrameGuard", "RPCTestProbe"]),
    tests("WorkerProtocol", ["CLinux", "RPC", "Runtime", "Sampling", "Tokens", "WorkbenchAPI", protobuf]),
    tests(
      "WorkerRole",
      [
        "Concurrency", "Plugins", "RPC", "Runtime", "Sampling", "TestSupport", "WorkbenchAPI",
        "WorkerProtocol", protobuf,
      ]),
    tests(
      "Services",
      [
        "Access", "Concurrency", "FrameGuard", "Host", "RPC", "RoleTestSupport", "Runtime", "State",
        "TestSupport", "WorkbenchAPI", protobuf,
      ]),
    tests(
      "DaemonRole",
      [
        "Concurrency", "Host", "Runtime", "TestSupport", "WorkerProtocol", lifecycle, log, protobuf,
      ]),
    // The order of the targets above, held by a test.
    .testTarget(name: "ArchitectureTests", swiftSettings: strict),
    tests("Connecting", ["RPC"]),
    tests("Terminal"),
    tests(
      "workbench", ["Access", "FrameGuard", "JSON", "RPC", "Terminal", "WorkbenchAPI", arguments, protobuf],
      resources: [.copy("Snapshots")]),
    tests("workbench-gateway", ["Access", "JSON", "RPC", "TestSupport", "WorkbenchAPI", protobuf]),
    // The daemon as a user meets it.
    .testTarget(
      name: "EndToEndTests",
      dependencies: [
        "RPC", "TestSupport", "WorkbenchAPI", "workbench", "workbench-gateway", "workbenchd", protobuf,
      ],
      exclude: ["Python"], swiftSettings: strict),

    // Benchmarks; each prints both sides.
    .executableTarget(
      name: "KernelBenchmark", dependencies: ["CKernels"], path: "Tests/Benchmarks/KernelBenchmark",
      cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])]),
    tool("Benchmarks/RPCBenchmark", ["RPC"]),
    tool("Benchmarks/PluginBenchmark", ["Plugins", "Sampling", "Tokens"], exclude: ["idle.c"]),
    tool("Benchmarks/SamplerBenchmark", ["Sampling", "Tokens"], exclude: ["peer.py"]),
    tool("Benchmarks/TemplateBenchmark", ["Jinja"], exclude: ["peer.py"]),
    tool("Benchmarks/InferenceBenchmark", ["Inference", "ModelFormats", "Tokens"]),
    tool("Benchmarks/ScoreBenchmark", ["Engine", "Inference", "ModelFormats", "Sampling", "Tokens"]),
    tool("Benchmarks/TokenizerBenchmark", ["Tokenizers", "Tokens"], exclude: ["twin.py"]),
  ],
  swiftLanguageModes: [.v6]
)
