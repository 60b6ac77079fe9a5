// swift-tools-version: 6.1
import PackageDescription

// The architecture: a target may depend only on targets above it.

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library of this package. `dependencies` are modules of ours; `products` come from other packages.
func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// A C library with one header named after it.
func cModule(_ name: String, links: [String] = []) -> Target {
  .target(
    name: name,
    cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"])],
    linkerSettings: links.map { .linkedLibrary($0) })
}

/// A binary; its logic lives in the modules.
func executable(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of a module, in a folder of its name.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, resources: resources,
    swiftSettings: strict)
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
    cModule("CKernels"),
    cModule("CGRPC", links: ["grpc", "gpr"]),

    // From messages to logits to a token; each knows only its own stage.
    module("Tokens"),
    module("ModelFormats"),
    module("Jinja"),
    module("Chat", ["Jinja"]),
    module("Tokenizers", ["ModelFormats", "Tokens"]),
    module("Sampling", ["Tokens"]),
    module("Inference", ["CKernels", "ModelFormats", "Tokens"]),
    module("Engine", ["Inference", "Sampling", "Tokens"]),

    // One loaded model, and the values in which its host speaks with it.
    module("Runtime", ["Chat", "Sampling", "Tokens"]),
    module(
      "Pipeline",
      ["CKernels", "Chat", "Engine", "Inference", "Jinja", "ModelFormats", "Runtime", "Sampling", "Tokenizers", "Tokens"]),
    // Many models; no network.
    module("Host", ["Chat", "Runtime", "Tokens", log, yaml]),

    // gRPC; no models. Then the API, and the services that join the two sides.
    module("RPC", ["CGRPC"]),
    module("WorkbenchAPI", ["RPC", protobuf]),
    module(
      "Services",
      [
        "CKernels", "Chat", "Host", "Pipeline", "RPC", "Runtime", "Sampling", "Tokenizers", "Tokens", "WorkbenchAPI",
        log, protobuf, signals,
      ]),

    // Arguments, one call, printing.
    module("Terminal"),
    executable("workbenchd", ["Host", "RPC", "Runtime", "Services", arguments, log]),
    executable("workbench", ["RPC", "Terminal", "WorkbenchAPI", arguments, protobuf]),
  ],
  swiftLanguageModes: [.v6]
)
