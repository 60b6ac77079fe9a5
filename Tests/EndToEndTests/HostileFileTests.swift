import Foundation
import RPC
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Hostile model files through a daemon", .serialized)
struct HostileFileTests {
  /// Each is loaded by a real worker; those that load run 8 tokens.
  static let mutations =
    ProcessInfo.processInfo.environment["WORKBENCH_TEST_MUTATIONS"].flatMap { Int($0) } ?? 20_000
  static let seed: UInt64 = 0x5eed_2026
  /// What one file may take from the request to the answer: long enough for a busy machine, not for a hang.
  static let slowest: Duration = .seconds(60)

  @Test("structure-aware mutations load or get a typed error, and the daemon never changes")
  func mutated() async throws {
    let daemon = try await TestDaemon()
    let folder = try TemporaryFolder(inMemory: true)
    var tiny = TinyModel()
    tiny.layers = 1
    tiny.context = 64
    let mutator = Mutator(tiny.image(), seed: Self.seed)
    print("mutations: \(Self.mutations), seed \(Self.seed)")
    var loaded = 0
    var codes: [StatusCode: Int] = [:]
    var slow: [String] = []
    for index in 0..<Self.mutations {
      // Said once, not for every file that follows.
      try #require(daemon.isRunning, "the daemon ended before mutation \(index)")
      let mutation = mutator.mutation(index)
      let path = try folder.write("m.gguf", mutation.bytes)
      let began = ContinuousClock.now
      do {
        try await daemon.load(path, name: "m")
        loaded += 1
        await runTokens(daemon, &codes)
        var request = ProtoUnloadModelRequest()
        request.name = "m"
        _ = try await daemon.channel.unary(ModelsMethods.unload, request)
      } catch let error as RPCError {
        codes[error.code, default: 0] += 1
        let expected: Set<StatusCode> = [
          .invalidArgument, .outOfRange, .resourceExhausted, .failedPrecondition,
        ]
        #expect(expected.contains(error.code), "\(mutation.description): \(error.code) \(error.message)")
        #expect(!error.message.isEmpty)
        let took = ContinuousClock.now - began
        if took > Self.slowest { slow.append("\(mutation.description): \(took)") }
      }
    }
    print("loaded \(loaded), refused \(codes)")
    #expect(slow.isEmpty, "\(slow.prefix(5))")
    #expect(daemon.isRunning)
    #expect(try await daemon.status().pid == Int64(daemon.processID))
    #expect(loaded > 0 && loaded < Self.mutations)
  }

  /// What loads must run, or say why not; a worker that dies of it is a failure.
  private func runTokens(_ daemon: TestDaemon, _ codes: inout [StatusCode: Int]) async {
    do {
      _ = try await daemon.generate("m", "ab") {
        $0.maxTokens = 8
        $0.ignoreEnd = true
      }
    } catch let error as RPCError {
      codes[error.code, default: 0] += 1
      #expect(error.code != .unavailable, "\(error.message)")
    } catch {
      Issue.record(error)
    }
  }

  @Test(
    "what is not a model is refused in one line that names the file",
    arguments: ["missing", "empty", "folder", "fifo", "text", "/dev/zero", "/proc/self/mem"])
  func notAModel(kind: String) async throws {
    let daemon = try await TestDaemon()
    let path = kind.hasPrefix("/") ? kind : daemon.folder.file(kind)
    switch kind {
    case "empty": _ = try daemon.folder.write(kind, [])
    case "folder": mkdir(path, 0o700)
    case "fifo": mkfifo(path, 0o600)
    case "text": _ = try daemon.folder.write(kind, Array("GGUF? no, a letter to a friend".utf8))
    default: break
    }
    let error = await #expect(throws: RPCError.self) { try await daemon.load(path, name: "m") }
    #expect(error?.message.contains(path) == true)
    #expect(error?.message.contains("\n") == false)
    #expect([.notFound, .invalidArgument, .failedPrecondition].contains(error?.code ?? .ok))
    #expect(try await daemon.status().models.isEmpty)
  }
}
