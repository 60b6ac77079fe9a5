import Foundation
import Glibc
import TestSupport
import Testing

/// The commands in README.md, run in order as a newcomer would type them, with the default model.
@Suite("The README", .serialized)
struct ReadmeTests {
  private static let model = ProcessInfo.processInfo.environment["WORKBENCH_TEST_MODEL"]
  private static let root = URL(fileURLWithPath: #filePath).pathComponents.dropLast(4).joined(separator: "/")
    .replacing("//", with: "/")

  private static func text(_ name: String) throws -> String {
    try String(contentsOfFile: root + "/" + name, encoding: .utf8)
  }

  @Test(
    "Every command gives the output that the README shows",
    .enabled(if: model != nil, "needs WORKBENCH_TEST_MODEL, which make test sets"), .timeLimit(.minutes(60)))
  func commands() async throws {
    let steps = try ConsoleBlocks(try Self.text("README.md")).steps
    #expect(steps.count > 20, "the README has lost its console blocks")
    let sandbox = try Sandbox(root: Self.root, model: try #require(Self.model))
    for step in steps {
      let output = try await sandbox.run(step)
      expectSame(output, step, sandbox.home)
    }
  }

  private func expectSame(_ output: [String], _ step: ConsoleBlocks.Step, _ home: String) {
    let expected = step.output.map { OutputRule.applyAll(to: $0, home: home) }
    let found = output.map { OutputRule.applyAll(to: $0, home: home) }
    let rounding = step.command.hasPrefix("workbench explain")
    let same =
      expected.count == found.count
      && zip(expected, found).allSatisfy { OutputRule.same($0, $1, rounding: rounding) }
    #expect(
      same,
      """
      README.md, line \(step.line): $ \(step.command)
      --- the README says
      \(step.output.joined(separator: "\n"))
      --- but the output is
      \(output.joined(separator: "\n"))
      """)
  }

  @Test("The picture is what its script makes of the README")
  func picture() async throws {
    let script = URL(fileURLWithPath: Self.root + "/examples/picture.py")
    let result = try await EndToEndTests.run(script, [Self.root + "/README.md"])
    #expect(result.status == 0, "\(result.error)")
    let same = try result.output == Self.text("examples/session.svg")
    #expect(same, "run: examples/picture.py README.md > examples/session.svg")
  }

  @Test("Every file that the README links to is there")
  func links() throws {
    let text = try Self.text("README.md")
    let links = text.matches(of: /\]\(([^)#:]+)\)/).map { String($0.1) }
    #expect(links.count > 5)
    for link in links { #expect(FileManager.default.fileExists(atPath: Self.root + "/" + link), "\(link)") }
  }

  @Test("A rule lets its own part of a line differ and nothing else")
  func rules() {
    func same(_ first: String, _ second: String, rounding: Bool = false) -> Bool {
      let lines = [first, second].map { OutputRule.applyAll(to: $0, home: "/tmp/x") }
      return OutputRule.same(lines[0], lines[1], rounding: rounding)
    }
    #expect(same("answer  7 tokens, 0.07 s, 99.3 tokens/s", "answer  7 tokens, 1 min 2 s, 8.0 tokens/s"))
    #expect(!same("answer  7 tokens, 0.07 s, 99.3 tokens/s", "answer  8 tokens, 0.07 s, 99.3 tokens/s"))
    #expect(
      same(
        "m  ready  Q4_1  2 MiB  8192  default  0  0    7  0",
        "m  ready  Q4_1  2 MiB  8192  default  0  0  4711  0"))
    #expect(
      !same(
        "m  ready  Q4_1  2 MiB  8192  default  0  0  7  0", "m  ready  Q4_1  2 MiB  8192  default  0  0  7  1"
      ))
    #expect(same("memory  38.5 MiB", "memory  1.0 GiB") && !same("weights  38.5 MiB", "weights  1.0 GiB"))
    #expect(same("in /home/you/a", "in /tmp/x/a") && !same("in /home/you/a", "in /tmp/y/a"))
    #expect(!same("Tokyo", "Kyoto") && !same("a b", "a  b c"))
    #expect(same("top_k  41.2%  4.23", "top_k  41.4%  4.21", rounding: true))
    #expect(!same("top_k  41.2%  4.23", "top_k  41.2%  4.26", rounding: true))
    #expect(!same("top_k  41.2%", "top_k  41.3%") && !same("17 of 33", "18 of 33", rounding: true))
  }

  @Test("Console blocks are read with what is typed, other blocks are not")
  func blocks() throws {
    let text = "a\n```console\n$ x\n>>> y\nz\n\n$ w\n```\n```sh\n$ no\n```\n```console\n$ v &\n```\n"
    let steps = try ConsoleBlocks(text).steps
    #expect(
      steps == [
        .init(line: 3, command: "x", typed: ["y"], output: [">>> y", "z"]), .init(line: 7, command: "w"),
        .init(line: 13, command: "v &"),
      ])
    #expect(throws: ConsoleBlocks.OutputWithoutCommand.self) { try ConsoleBlocks("```console\nx\n```") }
  }
}

/// A home folder and a checkout in which the README's commands find what they name.
private final class Sandbox {
  let home: String
  private let folder: TemporaryFolder
  private let terminal: TerminalRun
  private var daemon: Process?

  init(root: String, model: String) throws {
    folder = try TemporaryFolder()
    home = folder.file("home")
    let (checkout, runtime) = (folder.file("workbench"), folder.file("run"))
    for path in [home, checkout + "/.cache/models", runtime] {
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    }
    for name in ["Sources", "examples", "plugins"] {
      try FileManager.default.createSymbolicLink(
        atPath: "\(checkout)/\(name)", withDestinationPath: "\(root)/\(name)")
    }
    let name = URL(fileURLWithPath: model).lastPathComponent
    try FileManager.default.createSymbolicLink(
      atPath: "\(checkout)/.cache/models/\(name)", withDestinationPath: model)
    let products = Products.url("workbench").deletingLastPathComponent().path
    // A dumb terminal: lines are read without editing, so that output has no cursor movements.
    terminal = TerminalRun(
      folder: checkout,
      environment: [
        "HOME": home, "XDG_RUNTIME_DIR": runtime, "PATH": "\(products):/usr/local/bin:/usr/bin:/bin",
        "TERM": "dumb", "LANG": "C.UTF-8",
      ])
  }

  deinit {
    if let daemon, daemon.isRunning { kill(daemon.processIdentifier, SIGKILL) }
  }

  /// Runs a command as an interactive shell would: `command &` goes on beside the next ones, `kill %1` ends it.
  func run(_ step: ConsoleBlocks.Step) async throws -> [String] {
    if step.command == "kill %1" {
      daemon?.terminate()
      daemon?.waitUntilExit()
      daemon = nil
      return []
    }
    guard step.command.hasSuffix(" &") else {
      // Tables follow the terminal: one that is shown wider than usual was run on a wide one.
      var terminal = terminal
      if step.output.contains(where: { $0.count > Int(terminal.columns) }) { terminal.columns = 300 }
      return try await terminal.lines(of: step.command, typed: step.typed)
    }
    daemon = try terminal.startInBackground(String(step.command.dropLast(2)))
    // A person needs longer to type the next command than the daemon needs to listen.
    let listens = try await eventually {
      try await terminal.lines(of: "workbench status --json --timeout 5", typed: []).first?.hasPrefix("{")
        == true
    }
    #expect(listens, "the daemon does not listen: \(step.command)")
    return []
  }
}
