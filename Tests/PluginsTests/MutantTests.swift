import Testing
import WorkerProtocol

@Suite("Teaching plugins with one mistake each") struct MutantTests {
  @Test(
    "Each is refused for the property that it breaks, or accepted because the contract allows it",
    arguments: Mutant.all.indices)
  func isFound(_ index: Int) throws {
    let mutant = Mutant.all[index]
    let name = "\(mutant.file), \(mutant.function): \(mutant.from) → \(mutant.to)"
    let verdict = try trial(try Libraries.mutant(mutant, index))
    switch mutant.outcome {
    case .breaks(let property):
      let found = verdict.refusal == nil ? "accepted" : verdict.property
      #expect(found == property, "\(name): \(verdict.refusal ?? "accepted")")
    case .isAllowed(let why):
      #expect(verdict.refusal == nil, "\(name) (\(why)): \(verdict.refusal ?? "")")
    }
  }

  @Test("There are at least forty that are refused, in every function of the teaching plugins") func count() {
    let refused = Mutant.all.filter { if case .breaks = $0.outcome { true } else { false } }
    #expect(refused.count >= 40)
    #expect(
      Set(Mutant.sampler.map(\.function)).isSuperset(of: [
        "create", "clone", "rest", "apply", "accept", "reset", "destroy", "entry",
      ]))
    #expect(
      Set(Mutant.template.map(\.function)).isSuperset(of: [
        "literal", "content", "heading", "render", "entry",
      ]))
    #expect(
      Set(Mutant.tokenizer.map(\.function)).isSuperset(of: ["is_trusted", "special_at", "encode", "decode"]))
  }
}

extension TrialVerdict {
  /// The property at which the trial ended: "open" for the tables.
  var property: String {
    if let failed = results.first(where: { !$0.hasSuffix(": passed") }) {
      return failed.split(separator: ":").dropFirst().first?.trimmingPrefix(" ").description ?? failed
    }
    // The end of the process names the step, as in "it crashed with SIGSEGV (sampler 'x': clone)".
    guard let refusal, refusal.hasSuffix(")"), let step = refusal.split(separator: "(").last,
      step.contains(": ")
    else {
      return "open"
    }
    return String(step.split(separator: ":").last?.dropFirst().dropLast() ?? "")
  }
}

extension Libraries {
  /// Compiles a teaching plugin with one change; without warnings, which mistakes may cause.
  static func mutant(_ mutant: Mutant, _ index: Int) throws -> String {
    let text = String(decoding: read("\(root)/plugins/\(mutant.file)"), as: UTF8.self)
    let parts = text.components(at: mutant.from)
    guard parts.count == 2 else {
      throw CompilerError(said: "\(mutant.from) occurs \(parts.count - 1) times")
    }
    let isCpp = mutant.file.hasSuffix(".cpp")
    let (source, library) = ("\(folder)/mutant\(index).\(isCpp ? "cpp" : "c")", "\(folder)/mutant\(index).so")
    let head = isCpp ? "#include <cstdint>\nstatic std::uint64_t shared;\n" : "#include <math.h>\n"
    try write(Array((head + parts[0] + mutant.to + parts[1]).utf8), source)
    let include = "\(root)/Sources/CWorkbenchPlugin/include"
    let compiler = isCpp ? ["c++", "-std=c++11"] : ["cc", "-std=gnu11"]
    let ended = run(
      ["/usr/bin/env"] + compiler + [
        "-O1", "-w", "-shared", "-fPIC", "-I", include, "-o", library, source, "-lm",
      ])
    guard ended.status == 0 else { throw CompilerError(said: ended.text) }
    return library
  }
}

extension String {
  /// The parts between the places where `separator` stands.
  fileprivate func components(at separator: String) -> [String] {
    self.split(separator: separator, omittingEmptySubsequences: false).map { String($0) }
  }
}
