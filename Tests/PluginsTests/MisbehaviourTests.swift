import Plugins
import Testing
import WorkerProtocol

/// A way to be wrong, and a part of the answer that it must get.
struct Misbehaviour: CustomTestStringConvertible, Sendable {
  let name: String
  let answer: String
  var testDescription: String { name }

  init(_ name: String, _ answer: String) {
    self.name = name
    self.answer = answer
  }
}

@Suite("Every way to be wrong has its answer") struct MisbehaviourTests {
  static let tables: [Misbehaviour] = [
    .init("wrong major", "the plugin uses interface version 9.0; this host supports 1.0"),
    .init("newer minor", "interface version 1.1; this host supports 1.0"),
    .init("newer sampler", "sampler uses interface version 1.1"),
    .init("small struct", "sampler has a size of 16 bytes; in version 1.0 it is 96"),
    .init("absurd struct", "sampler has a size of 4294967295 bytes"),
    .init("unlike structs", "sampler 1 has a size of 256 bytes, but the first of its array has 96"),
    .init("odd array", "sampler is not aligned to 8 bytes"),
    .init("no name", "the name of the plugin is missing"),
    .init("empty name", "the name of a sampler is empty"),
    .init(
      "spaced name", "the name of a sampler is 'a b'; only letters, digits, '_', '-' and '.' are allowed"),
    .init("long name", "the name of a sampler is longer than 64 bytes"),
    .init("summary that is not text", "the summary of sampler 'x' is not valid UTF-8"),
    .init("summary that steers terminals", "the summary of sampler 'x' contains a control character"),
    .init("huge count", "4294967295 samplers; the limit is 64"),
    .init("null array", "1 templates, but their array is null"),
    .init("null function", "sampler 'x': apply is null"),
    .init("state without clone", "sampler 'x': clone is null, but WB_STATEFUL requires it"),
    .init("history without state", "sampler 'x': WB_HISTORY requires WB_STATEFUL"),
    .init("unknown flags", "sampler 'x' has the unknown flags 0x100000"),
    .init("two of one name", "two samplers are named 'x'"),
    .init("no range", "sampler 'x', parameter 'noise': the minimum 5 is above the maximum 2"),
    .init("default that is NaN", "sampler 'x', parameter 'noise': the default nan is outside 0 to 2"),
    .init("unknown type", "sampler 'x', parameter 'noise': unknown type 12"),
    .init("empty stop string", "one of the stop strings of template 'y' is empty"),
    .init(
      "vocabulary of 2^31", "tokenizer 'z' has 2147483647 tokens; it must have 1 to 4194304"),
    .init("bos beyond the vocabulary", "tokenizer 'z': bos is token 257; it must be -1 to 256"),
    .init("offers nothing", "it offers no sampler, template or tokenizer"),
    .init("entry fails", "its entry function returned WB_UNSUPPORTED"),
    .init("entry writes far", "its entry function wrote outside the memory it was given"),
  ]

  @Test("A library whose tables are wrong is refused", arguments: tables)
  func refusesTable(_ kind: Misbehaviour) throws { try expect(kind) }

  static let processes: [Misbehaviour] = [
    .init("entry crashes", "it crashed with SIGSEGV (while it was opened)"),
    .init("entry aborts", "it crashed with SIGABRT (while it was opened)"),
    .init("entry exits", "it exited with status 0 (while it was opened)"),
    .init("entry hangs", "a call did not return (while it was opened)"),
    .init("apply crashes", "it crashed with SIGSEGV (sampler 'x': candidates)"),
    .init("apply aborts", "it crashed with SIGABRT (sampler 'x': candidates)"),
    .init("apply exits", "it exited with status 0 (sampler 'x': candidates)"),
    .init("apply hangs", "a call did not return (sampler 'x': candidates)"),
    .init("apply loops", "a call did not return (sampler 'x': candidates)"),
    .init("apply writes far behind the end", "it crashed with SIGSEGV (sampler 'x': candidates)"),
    .init("destroy crashes", "it crashed with SIGSEGV (sampler 'x': creation)"),
    .init("render crashes", "it crashed with SIGSEGV (template 'y': rendering)"),
    .init("encode crashes", "it crashed with SIGSEGV (tokenizer 'z': roundTrip)"),
    .init("crashes at exit", "it crashed with SIGSEGV (when the process ended)"),
    .init("entry leaves a thread", "library: left 1 thread running"),
    .init("apply leaves a thread", "threads running"),
    .init("entry closes a descriptor", "library: closed file descriptor 0"),
    .init("entry changes the folder", "library: changed the working directory to /"),
    .init("entry changes the locale", "library: changed the locale to"),
    .init("entry ignores a signal", "library: changed how signal 15 is handled"),
    .init("entry blocks signals", "library: changed which signals are blocked"),
    .init("entry changes the umask", "library: changed the umask"),
  ]

  @Test("A library that harms its process is contained", arguments: processes)
  func contains(_ kind: Misbehaviour) throws { try expect(kind) }

  static let samplers: [Misbehaviour] = [
    .init(
      "create refuses a bound", "sampler 'x': refused the request: two is too many (create, noise = 2.0)"),
    .init("create gives nothing", "sampler 'x': returned a null instance (create, defaults)"),
    .init("create allocates without end", "sampler 'x': failed with WB_OUT_OF_MEMORY (create, defaults)"),
    .init(
      "apply writes NaN", "sampler 'x': wrote a logit that is not a number (on a single candidate, defaults)"),
    .init("apply drops all", "sampler 'x': left 0 of 1 candidates (on a single candidate, defaults)"),
    .init("apply adds candidates", "sampler 'x': left 2 of 1 candidates"),
    .init("apply adds 2^63 candidates", "sampler 'x': left 9223372036854775808 of 1 candidates"),
    .init("apply invents a token", "sampler 'x': returned a token that was not among the candidates"),
    .init(
      "apply returns a negative token", "sampler 'x': returned a token that was not among the candidates"),
    .init(
      "apply returns a token twice",
      "which was not a candidate or is a duplicate (on two equal candidates, defaults)"),
    .init("apply forbids all", "sampler 'x': left only candidates with a logit of minus infinity"),
    .init("apply writes behind the end", "sampler 'x': wrote outside the memory it was lent"),
    .init("apply writes before the start", "sampler 'x': wrote outside the memory it was lent"),
    .init("apply exchanges the arrays", "sampler 'x': replaced the arrays that it was lent"),
    .init("apply fails", "sampler 'x': failed: no [31m luck (on a single candidate, defaults)"),
    .init("apply writes a long message", "sampler 'x': wrote outside the memory it was lent"),
    .init("apply is slow", " ms of processor time per step over 32000 candidates; the limit is 10.0 ms"),
    .init(
      "apply is too slow", " ms of processor time; its budget is 100.0 ms (on a single candidate, defaults)"),
    .init("selects nothing", "sampler 'x': selected index -1 of 1 candidates"),
    .init("clone shares state", "sampler 'x': the clone "),
    .init("clone forgets", "sampler 'x': the clone "),
    .init("reset remembers", "sampler 'x': keeps state after reset: the reset instance "),
    .init("reset keeps its random numbers", "sampler 'x': keeps state after reset: the reset instance "),
    .init("ignores the seed", "sampler 'x': with the same seed, 0, a second instance gave token"),
    .init(
      "lies about state",
      "sampler 'x': has state without declaring WB_STATEFUL: on the same candidates a later step"),
    .init("lies about the best", "sampler 'x': declares WB_KEEPS_BEST, but token"),
  ]

  @Test("A sampler that breaks a property is refused with the property in words", arguments: samplers)
  func refusesSampler(_ kind: Misbehaviour) throws { try expect(kind) }

  static let texts: [Misbehaviour] = [
    .init("render writes without end", "template 'y': wrote more than 4 MiB"),
    .init("render writes bytes", "template 'y': wrote text that is not UTF-8 at byte 2"),
    .init(
      "render names a message too many",
      "appended text of message 18446744073709551615; the number of messages is 1"),
    .init("render names an unknown origin", "template 'y': appended text with the unknown origin 77"),
    .init("render appends nothing much", "template 'y': appended 5 bytes from a null pointer"),
    .init("render appends a negative count", "template 'y': wrote more than 4 MiB"),
    .init("render appends tokens", "template 'y': appended a token, but was asked for text"),
    .init("render splits a character", "appended a piece that ends inside a character, at byte 1"),
    .init("render counts its calls", "template 'y': renders the same conversation differently each time"),
    .init("render refuses all", "template 'y': does not render a single user message"),
    .init("render leaves content out", "template 'y': leaves out what the user wrote"),
    .init("render calls content its own", "passes what message 0 says as its own text (at byte 2)"),
    .init("encode leaves the text", "gave token 0 the bytes 0 to"),
    .init("encode leaves the vocabulary", "appended token 100000; the vocabulary ends at 256"),
    .init("encode goes backwards", "gave token 0 the bytes"),
    .init(
      "encode makes tokens without end", "tokenizer 'z': wrote more than 157 tokens (encoding Latin text)"),
    .init("encode trusts everybody", "made control token 256 from bytes 1 to 4, which are not trusted"),
    .init("encode loses bytes", "changes emoji by encoding and decoding"),
    .init("decode invents a kind", "gave token 0 the kind 9; kinds are 1 to 6"),
    .init("decode writes a long token", "wrote more than 64 KiB"),
    .init("decode fails", "tokenizer 'z': failed (reading the vocabulary)"),
  ]

  @Test("A template or tokenizer that breaks a property is refused", arguments: texts)
  func refusesText(_ kind: Misbehaviour) throws { try expect(kind) }

  @Test("The same library without a mistake is accepted, with what a call of each part costs")
  func acceptsTheTwin() throws {
    let verdict = try trial(Libraries.misbehaving.get())
    #expect(verdict.refusal == nil)
    #expect(verdict.name == "misbehaving" && verdict.version == "1" && verdict.summary == "Wrong.")
    #expect(verdict.offers.map(\.name) == ["x", "y", "z"])
    #expect(verdict.offers.allSatisfy { $0.nanoseconds ?? 0 > 0 })
  }

  @Test("A sampler that was kept from running is not taken for a slow one") func acceptsTheWaiting() throws {
    let environment = ["MISBEHAVIOUR=apply is kept waiting"]
    let verdict = try trial(Libraries.misbehaving.get(), environment: environment)
    #expect(verdict.refusal == nil, "\(verdict.refusal ?? "")")
  }

  @Test("A C++ exception costs the process and nothing else", arguments: ["ENTRY", "APPLY"])
  func containsExceptions(_ place: String) throws {
    let verdict = try trial(Libraries.throwing.get(), environment: ["THROW_IN_\(place)=1"])
    let step = place == "ENTRY" ? "while it was opened" : "sampler 'throws': candidates"
    #expect(verdict.refusal == "it crashed with SIGABRT (\(step))")
  }

  private func expect(_ kind: Misbehaviour) throws {
    let verdict = try trial(Libraries.misbehaving.get(), environment: ["MISBEHAVIOUR=\(kind.name)"])
    let refusal = verdict.refusal ?? "accepted"
    #expect(refusal.contains(kind.answer), "\(refusal)")
  }
}
