import Foundation

/// The targets of this package and what each of them depends on, as the manifest declares it.
struct PackageGraph: Sendable {
  /// The manifest could not be read.
  struct Unreadable: Error {
    let reason: String
  }

  /// The declared dependencies of each target: targets of this package, and products of others.
  let dependencies: [String: Set<String>]
  /// The kind of each target: "regular", "executable" or "test".
  let kinds: [String: String]

  /// The graph of this package, read once.
  static let ours = Result { try PackageGraph() }

  /// Everything that `target` links, directly or not.
  func closure(of target: String) -> Set<String> {
    var found: Set<String> = []
    var waiting = [target]
    while let next = waiting.popLast() {
      for dependency in dependencies[next] ?? [] where found.insert(dependency).inserted {
        waiting.append(dependency)
      }
    }
    return found
  }

  private struct Manifest: Decodable {
    struct Target: Decodable {
      let name: String
      let type: String
      let dependencies: [[String: [String?]]]

      private enum Keys: String, CodingKey { case name, type, dependencies }

      init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Keys.self)
        name = try fields.decode(String.self, forKey: .name)
        type = try fields.decode(String.self, forKey: .type)
        dependencies = try fields.decode([[String: [Part]]].self, forKey: .dependencies).map {
          $0.mapValues { $0.map(\.text) }
        }
      }
    }

    /// A part of a dependency: a name, or a condition, which does not matter here.
    struct Part: Decodable {
      let text: String?

      init(from decoder: any Decoder) throws {
        text = try? decoder.singleValueContainer().decode(String.self)
      }
    }

    let targets: [Target]
  }

  private init() throws {
    let manifest = try JSONDecoder().decode(Manifest.self, from: Self.dump())
    var dependencies: [String: Set<String>] = [:]
    var kinds: [String: String] = [:]
    for target in manifest.targets {
      dependencies[target.name] = Set(
        target.dependencies.flatMap { $0.values.compactMap { $0.first ?? nil } })
      kinds[target.name] = target.type
    }
    self.dependencies = dependencies
    self.kinds = kinds
  }

  /// The manifest as JSON, by the package manager itself; it works beside one that is running.
  private static func dump() throws -> Data {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let scratch = FileManager.default.temporaryDirectory
      .appendingPathComponent("workbench-manifest-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: scratch) }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [
      "swift", "package", "--package-path", root.path, "--scratch-path", scratch.path, "--ignore-lock",
      "dump-package",
    ]
    let output = Pipe()
    let errors = scratch.appendingPathExtension("errors")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Unreadable(reason: (try? String(contentsOf: errors, encoding: .utf8)) ?? "no reason given")
    }
    return data
  }
}
