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

/// The tests of a module, in a folder of its name.
func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: [.init(stringLiteral: name)] + dependencies, resources: resources,
    swiftSettings: strict)
}

let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let log = Target.Dependency.product(name: "Logging", package: "swift-log")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")

let package = Package(
  name: "workbench",
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
  ],
  targets: [
    // The one value that text and network share.
    module("Tokens"),
    // Generated messages and the methods of each service.
    module("WorkbenchAPI", [protobuf]),
  ],
  swiftLanguageModes: [.v6]
)
