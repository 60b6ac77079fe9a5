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
func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
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
let signals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
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
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // C: arithmetic, and the only door to libgrpc.
    cModule("CKernels", links: ["m"]),
    cModule("CGRPC", links: ["grpc", "gpr"]),
    // What blocks or computes for long runs on threads of its own.
    module("Threads"),

    // From messages to logits to a token; each knows only its own stage.
    module("Tokens"),
    module("ModelFormats"),
    module("Jinja"),
    module("Chat", ["Jinja"]),
    module("Tokenizers", ["ModelFormats", "Tokens"]),
    module("Sampling", ["Tokens"]),
    module("Inference", ["CKernels", "ModelFormats", "Tokens"]),
    module("Engine", ["Inference", "Sampling", "Threads", "Tokens"]),

    // Libraries of others: the one header they include, and their tables as the same values as the built-ins.
    cModule("CWorkbenchPlugin", links: ["m"]),
    module(
      "Plugins", ["CWorkbenchPlugin", "Chat", "Jinja", "Sampling", "Threads", "Tokenizers", "Tokens"]),

    // One loaded model, and the values in which its host speaks with it.
    module("Runtime", ["Chat", "Jinja", "Sampling", "Tokens"]),
    module(
      "Pipeline",
      [
        "Chat", "Engine", "Inference", "Jinja", "ModelFormats", "Plugins", "Runtime", "Sampling",
        "Tokenizers", "Tokens",
      ]),
    // Many models; no network.
    module("Host", ["Chat", "Runtime", "Sampling", "Threads", "Tokens", log, yaml]),

    // gRPC; no models. Then the API, and the services that join the two sides.
    module("RPC", ["CGRPC", "Threads"]),
    module("WorkbenchAPI", ["RPC", protobuf]),
    module(
      "Services",
      [
        "CKernels", "Chat", "Host", "Jinja", "Pipeline", "Plugins", "RPC", "Runtime", "Sampling",
        "Threads", "Tokenizers", "Tokens", "WorkbenchAPI", log, protobuf, signals,
      ]),

    // Arguments, one call, printing.
    module("Terminal"),
    executable("workbenchd", ["Host", "RPC", "Runtime", "Services", arguments, log]),
    executable("workbench", ["RPC", "Terminal", "Threads", "WorkbenchAPI", arguments, protobuf]),

    // Tests, in the same order.
    .target(
      name: "TestSupport", dependencies: ["ModelFormats"], path: "Tests/TestSupport", swiftSettings: strict),
    tests("CKernels", resources: [.copy("Fixtures")]),
    tests("ModelFormats", ["TestSupport"], resources: [.copy("Fixtures")]),
    tests("Jinja", resources: [.copy("Fixtures")]),
    tests("Chat", ["Jinja"], resources: [.copy("Fixtures")]),
    tests("Tokenizers", ["ModelFormats", "Tokens"], exclude: ["Fixtures"]),
    tests("Sampling", ["TestSupport", "Tokens"], exclude: ["Fixtures"]),
    tests(
      "Inference", ["CKernels", "ModelFormats", "TestSupport", "Tokens"], resources: [.copy("Fixtures")]),
    tests("Engine", ["Inference", "Sampling", "Tokens"]),
    tests("Pipeline", ["ModelFormats", "Runtime", "Sampling", "TestSupport", "Tokenizers", "Tokens"]),
    tests("Host", ["Plugins", "Runtime", "Sampling", "TestSupport", "Tokens", log]),
    tool("PluginProbe", ["Plugins"]),
    tests(
      "Plugins", ["CWorkbenchPlugin", "Chat", "Jinja", "PluginProbe", "Sampling", "Tokenizers", "Tokens"],
      exclude: ["Misbehaving"]),
    tool("RPCTestProbe", ["RPC"]),
    tests("RPC", ["RPCTestProbe"]),
    tests("Terminal"),
    tests(
      "workbench", ["RPC", "Terminal", "WorkbenchAPI", arguments, protobuf], resources: [.copy("Snapshots")]),
    // The daemon as a user meets it.
    .testTarget(
      name: "EndToEndTests", dependencies: ["RPC", "TestSupport", "WorkbenchAPI", "workbench", "workbenchd"],
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
    tool("Benchmarks/TokenizerBenchmark", ["Tokenizers", "Tokens"], exclude: ["twin.py"]),
  ],
  swiftLanguageModes: [.v6]
)
