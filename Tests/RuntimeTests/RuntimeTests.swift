import Glibc
import Sampling
import TestSupport
import Testing

@testable import Runtime

@Suite("The values between a model and its host") struct RuntimeTests {
  @Test("Only a checkpoint's own template writes its BOS itself")
  func addsBOS() {
    for origin in [TemplateSource.Origin.builtIn, .plugin, .library, .client, .request] {
      #expect(TemplateSource(name: "a", source: "", origin: origin).addsBOS)
    }
    let own = TemplateSource(name: "default", source: "", origin: .checkpoint)
    #expect(!own.addsBOS && own.version == 1)
  }

  @Test("The use of a plugin in two workers adds up; the longest call and the last fault stay")
  func pluginUse() {
    var use = PluginUse(kind: "sampler", name: "mark")
    var other = use
    other.calls = 3
    other.nanoseconds = 300
    other.longestNanoseconds = 200
    other.faults = 1
    other.lastFault = "took too long"
    use.add(other)
    #expect(use == other)
    var third = PluginUse(kind: "sampler", name: "mark")
    third.calls = 2
    third.longestNanoseconds = 50
    third.disabled = "three faults"
    use.add(third)
    #expect(use.calls == 5 && use.nanoseconds == 300 && use.longestNanoseconds == 200)
    #expect(use.lastFault == "took too long" && use.disabled == "three faults" && use.faults == 1)
    third.calls = .max
    use.add(third)
    #expect(use.calls == 4, "a counter wraps round and does not trap")
  }

  @Test("An error reads as its message, after the field if there is one") func errors() {
    #expect("\(WorkbenchError(.notFound, "none"))" == "none")
    #expect(
      "\(WorkbenchError(.invalidArgument, "too large", field: "options.top_k"))" == "options.top_k: too large"
    )
  }

  @Test(
    "Sequence breakers have 1 to 40 bytes, and there are 64 at most; the error counts from 0",
    arguments: [
      ([], nil), (["\n"], nil), ([String](repeating: "a", count: 64), nil),
      ([String(repeating: "a", count: 40)], nil),
      ([String](repeating: "a", count: 65), "dry_sequence_breakers"),
      (["a", ""], "dry_sequence_breakers[1]"),
      ([String(repeating: "é", count: 21)], "dry_sequence_breakers[0]"),
    ] as [([String], String?)])
  func breakers(texts: [String], field: String?) {
    do throws(SamplingError) {
      try SamplerPreset.check(breakers: texts)
      #expect(field == nil)
    } catch {
      #expect(field != nil && error.field == field)
    }
  }

  @Test("A file's signature changes with an edit in place, with a replacement, and not by itself")
  func signatures() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a", [1, 2, 3])
    let first = try #require(FileSignature(path: path))
    #expect(FileSignature(path: path) == first)
    try folder.write("b", [1, 2, 3])
    #expect(rename(folder.file("b"), path) == 0)
    let replaced = try #require(FileSignature(path: path))
    #expect(replaced != first)
    // The same size and file, one nanosecond later.
    var status = stat()
    #expect(stat(path, &status) == 0)
    var times = [status.st_atim, status.st_mtim]
    times[1].tv_nsec = (times[1].tv_nsec + 1) % 1_000_000_000
    #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
    #expect(FileSignature(path: path) != replaced)
    #expect(FileSignature(path: folder.path) == nil)
    #expect(FileSignature(path: folder.file("none")) == nil)
  }

  @Test("Encoded messages are equal when their bytes are, whatever carries them") func messages() {
    struct Other: MessageCarrier {
      let bytes: [UInt8]
    }
    #expect(EncodedMessage([1, 2] as [UInt8]) == EncodedMessage(Other(bytes: [1, 2])))
    #expect(EncodedMessage([1, 2] as [UInt8]) != EncodedMessage(Other(bytes: [1])))
  }

  @Test("A report's error is the first finding that is one") func reports() {
    let note = TemplateFinding(.note, rule: "a", "x")
    let error = TemplateFinding(.error, rule: "b", "y")
    #expect(TemplateReport(findings: [note]).error == nil)
    #expect(TemplateReport(findings: [note, error]).error == error)
  }

  @Test(
    "An end of a process follows its name in a sentence",
    arguments: [
      (WorkerExit.signal(9), "was ended by signal 9 (SIGKILL)"),
      (.signal(64), "was ended by signal 64 (signal 64)"),
      (.status(3), "exited with status 3"),
    ])
  func exits(exit: WorkerExit, text: String) {
    #expect(exit.description == text)
  }

  @Test("The client of a request is known to the tasks that serve it, and to no others")
  func client() async {
    #expect(RequestClient.current.isEmpty)
    await RequestClient.$current.withValue("token ci") {
      async let inner = RequestClient.current
      #expect(await inner == "token ci")
      #expect(await Task.detached { RequestClient.current }.value.isEmpty)
    }
    #expect(RequestClient.current.isEmpty)
  }

  @Test("The calls of a worker have the names of the API's methods") func calls() {
    #expect(Set(WorkerCall.allCases.map(\.rawValue)).count == WorkerCall.allCases.count)
    #expect(WorkerCall(rawValue: "Chat") == .chat && WorkerCall(rawValue: "chat") == nil)
  }

  @Test(
    "Sequence breakers have a limit of their number and of their bytes, and the error says which one is wrong"
  )
  func breakers() throws {
    let longest = String(repeating: "é", count: SamplerPreset.breakerBytes / 2)
    try SamplerPreset.check(breakers: Array(repeating: longest, count: SamplerPreset.breakerLimit))
    for (texts, words) in [
      (["a", ""], ["dry_sequence_breakers[1]", "0 bytes"]),
      ([longest + "a"], ["dry_sequence_breakers[0]", "41 bytes"]),
      (
        Array(repeating: "a", count: SamplerPreset.breakerLimit + 1), ["dry_sequence_breakers", "65 strings"]
      ),
    ] {
      let error = #expect(throws: SamplingError.self) { try SamplerPreset.check(breakers: texts) }
      for word in words { #expect("\(try #require(error))".contains(word)) }
    }
  }
}
