import Runtime
import TestSupport
import Testing

@testable import Host

/// Changed files are read or refused with an error of ours, which names what was wrong; none ends the process.
@Suite("Mutated configuration and preset files") struct MutatedTextTests {
  private static let count = Mutations.count(2_000)
  private static let seed: UInt64 = 20_26

  /// What YAML or a setting gives a meaning.
  private static let pieces = [
    "\n", " ", "  - ", ": ", "{", "}", "[", "]", "&a ", "*a", "<<: *a\n", "!!binary ", "!!float ", "---\n",
    "...\n",
    "|\n", ">-\n", "\"", "'", "\\", "# ", "? ", "\t", "null", "~", "true", ".inf", "-.inf", ".nan", "-1",
    "1e999", "0x7f",
    "9223372036854775807", "9223372036854775808", "-9223372036854775809", "2G", "\u{FEFF}", "\u{202E}",
    "\u{0}", "é한",
    "temperature: ", "top_k: ", "order: ", "chain: ", "models:\n", "path: /m\n", "listen: ", "%YAML 1.2\n",
  ]

  private func check(_ originals: [String], _ read: (String) throws -> Void) throws {
    for original in originals { #expect(throws: Never.self) { try read(original) } }
    let mutator = TextMutator(originals, pieces: Self.pieces, seed: Self.seed)
    var refused = 0
    for index in 0..<Self.count {
      do {
        try read(String(decoding: mutator.mutation(index), as: UTF8.self))
      } catch let error as WorkbenchError {
        refused += 1
        #expect(!error.message.isEmpty, "seed \(mutator.seed) index \(index)")
      } catch {
        Issue.record("seed \(mutator.seed) index \(index): \(type(of: error)) \(error)")
      }
    }
    // Both outcomes must be common, or the changes do not reach what they should.
    #expect(
      refused > Self.count / 10 && refused < Self.count * 99 / 100, "\(refused) of \(Self.count) refused")
  }

  @Test("configuration files") func configurations() throws {
    try check([
      """
      socket: /run/w.sock
      listen: ["127.0.0.1:1", "[::1]:2"]
      plugin_directories: [/p, q]
      log_level: debug
      log_format: json
      drain_seconds: 12
      models:
        - path: /m/a.gguf
        - path: /m/b.gguf
          name: b
          template: chatml
          preset: synthia
      """
    ]) { _ = try DaemonConfiguration(yaml: $0, path: "w.yaml") }
  }

  @Test("preset files") func presets() throws {
    try check([
      """
      description: A steady voice
      profile: transformers
      temperature: 0.75
      top_k: 50
      top_p: 0.95
      min_p: 0.05
      """,
      """
      temperature: 0.8
      dry_multiplier: 0.8
      dry_sequence_breakers: ["\\n", ":"]
      order: [penalties, dry, top_k, top_p, temperature]
      """,
      """
      chain:
        - top_k: {top_k: 40}
        - temperature: {temperature: 0.7}
      """,
    ]) { _ = try PresetFile.preset(name: "p", yaml: $0, origin: .plugin) }
  }
}
