import Glibc
import Plugins
import Testing

@Suite("Tables with random mistakes") struct MutationTests {
  /// How many there are; more with `WORKBENCH_FUZZ_ROUNDS`.
  private static let rounds = getenv("WORKBENCH_FUZZ_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 2000

  @Test("Each is accepted or refused with a reason, and none ends the process") func survives() throws {
    let path = try Libraries.mutated.get()
    let handle = try #require(dlopen(path, RTLD_NOW | RTLD_LOCAL))
    let symbol = try #require(dlsym(handle, "mutate"))
    let mutate = unsafeBitCast(symbol, to: (@convention(c) (UInt64) -> Void).self)
    var accepted = 0
    var kinds: [PluginError.Kind: Int] = [:]
    for seed in 0..<UInt64(Self.rounds) {
      mutate(seed)
      do throws(PluginError) {
        let library = try PluginLibrary.open(path)
        // What is accepted fails when it is used, and says so.
        for sampler in library.samplers {
          #expect(throws: PluginFault.self) { try sampler.makeStage(vocabularySize: 9) }
        }
        for source in library.tokenizers { #expect(throws: PluginFault.self) { try source.load() } }
        accepted += 1
      } catch {
        #expect(!error.reason.isEmpty)
        kinds[error.kind, default: 0] += 1
      }
    }
    // Both answers happen, and the reasons are many.
    #expect(accepted > Self.rounds / 50 && accepted < Self.rounds / 2, "\(accepted), \(kinds)")
    #expect(kinds.count >= 6, "\(kinds)")
  }
}
