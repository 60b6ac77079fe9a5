import Testing

/// Where untrusted bytes are parsed: what only a worker's process may link.
private let parsers = [
  "Pipeline", "Plugins", "CWorkbenchPlugin", "Tokenizers", "Inference", "Engine", "Jinja", "Chat",
  "ModelFormats",
]

@Suite("Who may depend on whom") struct DependencyTests {
  private func graph() throws -> PackageGraph { try PackageGraph.ours.get() }

  @Test(
    "No module reaches what its role must not",
    arguments: [
      ("Services", parsers + ["WorkerRole", "DaemonRole"]),
      ("DaemonRole", parsers + ["WorkerRole"]),
      ("Host", parsers + ["RPC", "CGRPC", "WorkbenchAPI", "SwiftProtobuf", "WorkerProtocol", "WorkerRole"]),
      ("WorkerProtocol", parsers + ["Host", "Services", "DaemonRole", "WorkerRole"]),
      ("WorkerRole", ["Host", "Services", "DaemonRole", "State", "GRDB", "BuiltIns", "Yams"]),
      ("State", parsers + ["RPC", "CGRPC", "WorkbenchAPI", "SwiftProtobuf", "Host", "Access"]),
      ("Pipeline", ["RPC", "CGRPC", "WorkbenchAPI", "SwiftProtobuf", "Host", "WorkerProtocol", "BuiltIns"]),
      ("Runtime", parsers + ["RPC", "CGRPC", "SwiftProtobuf", "Host", "WorkbenchAPI"]),
      ("RPC", parsers + ["Runtime", "Sampling", "Tokens", "SwiftProtobuf", "WorkbenchAPI", "Host"]),
      (
        "workbench",
        parsers + [
          "CKernels", "DaemonRole", "Host", "Runtime", "Sampling", "Services", "State", "WorkerProtocol",
          "WorkerRole",
        ]
      ),
      (
        "workbench-gateway",
        parsers + [
          "CKernels", "DaemonRole", "Host", "Runtime", "Sampling", "Services", "State", "WorkerProtocol",
          "WorkerRole", "workbench",
        ]
      ),
      // HTTP never runs inside the daemon.
      ("workbenchd", ["Hummingbird", "HummingbirdTLS", "workbench-gateway"]),
    ] as [(String, [String])])
  func forbidden(module: String, others: [String]) throws {
    let graph = try graph()
    try #require(graph.dependencies[module] != nil, "no target is named \(module)")
    for other in others {
      #expect(!graph.closure(of: module).contains(other), "\(module) reaches \(other)")
    }
  }

  @Test(
    "The modules at the bottom depend on no other module of ours",
    arguments: [
      "Concurrency", "JSON", "BuiltIns", "Tokens", "Terminal", "CKernels", "CLinux", "CSandbox", "CGRPC",
    ])
  func bottom(module: String) throws {
    let graph = try graph()
    let declared = try #require(graph.dependencies[module], "no target is named \(module)")
    #expect(declared.isEmpty)
  }

  @Test("Every module that these rules name exists, so that a new name cannot get round them")
  func names() throws {
    let graph = try graph()
    for name in parsers + ["WorkerRole", "DaemonRole", "Host", "Services", "Sampling", "RPC", "CGRPC"] {
      #expect(graph.kinds[name] == "regular" || graph.kinds[name] == "system-target", "\(name)")
    }
  }

  @Test("What ships links nothing that is for tests, and daemon and worker are two roles of one binary")
  func products() throws {
    let graph = try graph()
    for (name, kind) in graph.kinds where kind == "regular" && !name.hasSuffix("TestSupport") {
      let support = graph.closure(of: name).filter { $0.hasSuffix("TestSupport") }
      #expect(support.isEmpty, "\(name) links \(support)")
    }
    for name in ["workbench", "workbenchd", "workbench-gateway"] {
      #expect(graph.kinds[name] == "executable")
      #expect(graph.closure(of: name).isDisjoint(with: ["TestSupport", "RoleTestSupport"]))
    }
    #expect(graph.closure(of: "workbenchd").isSuperset(of: ["DaemonRole", "WorkerRole"]))
  }

  @Test("A target depends only on targets above it in the manifest, so there is no circle")
  func noCircles() throws {
    let graph = try graph()
    for name in graph.dependencies.keys {
      #expect(!graph.closure(of: name).contains(name), "\(name) reaches itself")
    }
  }
}
