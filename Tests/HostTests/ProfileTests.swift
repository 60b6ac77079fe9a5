import BuiltIns
import Foundation
import RoleTestSupport
import Runtime
import TestSupport
import Testing
import Tokens

@testable import Host
@testable import Sampling

@Suite("Profiles") struct ProfileTests {
  private func profile(_ yaml: String, name: String = "p") throws -> Profile {
    try ProfileFile.profile(name: name, yaml: yaml, origin: .plugin)
  }

  @Test("The shipped profiles are the files of the folder plugins, and all of them can be read")
  func shipped() throws {
    #expect(ProfileCatalogue.builtIn.map(\.name) == BuiltInProfiles.all.map(\.name))
    #expect(Set(ProfileCatalogue.builtIn.map(\.name)) == Set(CardRecording.names))
    let folder = URL(fileURLWithPath: #filePath + "/../../../plugins").standardized.path
    for profile in BuiltInProfiles.all {
      let file = try String(contentsOfFile: "\(folder)/\(profile.name).profile.yaml", encoding: .utf8)
      #expect(file == profile.yaml)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: folder)
    #expect(files.count { $0.hasSuffix(".profile.yaml") } == BuiltInProfiles.all.count)
    // A template alone has the same system message as the profile.
    let synthia = try #require(ProfileCatalogue.builtIn.first { $0.name == "synthia-7b-v1.3" })
    let template = try #require(BuiltInTemplates.all.first { $0.name == synthia.template })
    #expect(template.source.contains("'\(try #require(synthia.system))'"))
  }

  @Test("A file says what its keys say, and nothing else")
  func keys() throws {
    let all = try profile(
      """
      description: d
      source: https://example.org/card
      models: [Big-Model, other]
      jinja: |-
        {{ messages[0].content }}
      system: |
        Be *brief* & kind.
      stop: ["A:", "B:"]
      samplers:
        order: [temperature, top_k]
        top_k: 4
      max_tokens: 7
      strip: true
      answer_head: "x\\n"
      add_generation_prompt: false
      add_bos: true
      """)
    #expect(all.summary == "d" && all.models == ["big-model", "other"] && all.stop == ["A:", "B:"])
    #expect(all.jinja == "{{ messages[0].content }}" && all.system == "Be *brief* & kind.\n")
    #expect(all.samplers?.order == ["temperature", "top_k"] && all.samplers?.topK == 4)
    #expect(all.maxTokens == 7 && all.strip == true && all.answerHead == "x\n")
    #expect(all.addGenerationPrompt == false && all.addBOS == true)
    let little = try profile("template: chatml")
    #expect(little.template == "chatml" && little.samplers == nil && little.maxTokens == nil)
    #expect(little.system == nil && little.strip == nil && little.stop.isEmpty && little.preset == nil)
  }

  @Test(
    "A wrong file is refused with what is wrong and the nearest key",
    arguments: [
      ("templat: x", "unknown key 'templat'; did you mean 'template'?"),
      ("stops: [x]", "did you mean 'stop'?"), ("x: 1", "known keys: description, source"),
      ("temperature: 1", "'temperature' belongs under samplers"), ("order: vllm", "belongs under samplers"),
      ("samplers: {top_kk: 4}", "did you mean 'top_k'?"), ("samplers: {top_p: 2}", "top_p is 2"),
      ("samplers: [top_k]", "expected samplers to be a mapping"),
      (
        "samplers: {order: transformer}", "order must be a list of stages, or llama.cpp, transformers or vllm"
      ),
      ("template: a\njinja: b", "either template (a name) or jinja (its text)"),
      ("template: 'a b'", "a template's name must be"), ("template: ''", "a template's name must be"),
      ("stop: x", "stop must be a list of texts"), ("stop: ['']", "texts that are not empty"),
      ("stop: [" + (0..<17).map { "a\($0)" }.joined(separator: ",") + "]", "at most 16 texts"),
      ("stop: [\(String(repeating: "x", count: 257))]", "at most 256 bytes"),
      ("system: [a]", "system must be a text"), ("system:", "system must be a text"),
      ("max_tokens: 0", "max_tokens must be a whole number of at least 1"),
      ("max_tokens: 1.5", "max_tokens must be"), ("max_tokens: 99999999999999999999", "max_tokens must be"),
      ("strip: maybe", "strip must be true or false"), ("add_bos: 1", "add_bos must be true or false"),
      ("answer_head: \(String(repeating: "x", count: 300))", "answer_head must be at most 256 bytes"),
      ("", "expected a mapping with any of description"), ("- a", "expected a mapping"),
      ("system: \"x", "not YAML"), ("strip: true\nstrip: false", "not YAML"),
      ("source: &a x\nmodels: [" + String(repeating: "*a,", count: 17) + "]", "17 asterisks"),
    ])
  func wrong(yaml: String, message: String) throws {
    let error = #expect(throws: WorkbenchError.self) { try profile(yaml) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test("Names that mean something else with --profile are refused")
  func names() {
    for name in ["none", "llama.cpp", "transformers", "vllm", "a b", ""] {
      #expect(throws: WorkbenchError.self) { try profile("strip: true", name: name) }
    }
  }

  @Test("The first profile of these is used: the request's, the one set for the model, the card's")
  func choice() throws {
    let catalogue = ProfileCatalogue(files: [try profile("models: [mine]", name: "mine")])
    func name(request: String? = nil, set: String? = nil, title: String = "", path: String = "x") throws
      -> String?
    {
      var model = LoadedModel()
      model.title = title
      return try catalogue.choose(request: request, set: set, model: model, path: path)?.profile.name
    }
    #expect(try name(path: "/m/SynthIA-7B-v1.3.Q4_0.gguf") == "synthia-7b-v1.3")
    #expect(try name(title: "Synatra-7B-v0.3-RP") == "synatra-7b-v0.3-rp")
    #expect(try name(path: "/synthia-7b/other.gguf") == nil)
    #expect(try name(set: "mine", title: "SynthIA-7B-v1.3") == "mine")
    #expect(try name(request: "synatra-7b-v0.3-rp", set: "mine") == "synatra-7b-v0.3-rp")
    #expect(try name(request: "none", set: "mine") == nil)
    #expect(try name(set: "none", title: "SynthIA-7B-v1.3") == nil)
    #expect(throws: WorkbenchError.self) { try name(request: "other") }
    // A file of a built-in name takes its place.
    let hidden = ProfileCatalogue(files: [try profile("max_tokens: 3", name: "synthia-7b-v1.3")])
    #expect(hidden.all.count == 2 && hidden.all[0].maxTokens == 3)
  }

  @Test("Files of folders are taken, and refused ones leave what was there")
  func folders() async throws {
    let folder = try TemporaryFolder()
    try folder.write("mine.profile.yaml", Array("jinja: '{{ messages[0].content }}'".utf8))
    try folder.write("bad.profile.yaml", Array("jinja: '{{ messages['".utf8))
    let host = ModelHost(launcher: InProcessLauncher(), log: silent)
    var files = try WatchedFiles.profiles(in: [PluginFolder(folder.path)], log: silent)
    #expect(await host.takeProfiles(files.changes()).isEmpty)
    #expect(await host.profileList.map(\.name) == ["mine", "synatra-7b-v0.3-rp", "synthia-7b-v1.3"])
    try folder.write("mine.profile.yaml", Array("max_token: 1".utf8))
    _ = await host.takeProfiles(files.changes())
    #expect(try await host.profile("mine").jinja != nil)
    try folder.write("mine.profile.yaml", Array("max_tokens: 15".utf8))
    _ = await host.takeProfiles(files.changes())
    #expect(try await host.profile("mine").maxTokens == 15)
    #expect(unlink(folder.file("mine.profile.yaml")) == 0)
    _ = await host.takeProfiles(files.changes())
    await #expect(throws: WorkbenchError.self) { try await host.profile("mine") }
    await host.stop()
  }

  @Test("A model whose profile's file is gone still names it, and a list of templates is still given")
  func gone() async throws {
    let folder = try TemporaryFolder()
    try TinyModel.write(to: folder.file("m.gguf"))
    let host = ModelHost(launcher: InProcessLauncher(), log: silent)
    _ = await host.takeProfiles([.edited(name: "mine", path: "/p", text: "template: chatml")])
    _ = try await host.load(ModelSource(path: folder.file("m.gguf")), name: "m", profile: "mine") { _ in }
    #expect(try await host.templateList(model: "m").modelTemplate == "chatml")
    _ = await host.takeProfiles([.removed(name: "mine")])
    #expect(try await host.record("m").profile == "mine")
    #expect(try await host.templateList(model: "m").modelTemplate == "")
    var change = ModelChange()
    change.profile = "none"
    #expect(try await host.update("m", change).profile == "")
    await host.stop()
  }

  // MARK: The cards' distributions

  /// The chain of a profile.
  private func chain(_ name: String, seed: UInt64, count: Int) throws -> SamplerChain {
    var settings = try #require(ProfileCatalogue.builtIn.first { $0.name == name }?.samplers)
    settings.seed = seed
    let effective = try EffectiveSettings([(.profile, settings)], vocabularySize: count)
    return try SamplerChain(effective.chain, vocabularySize: count)
  }

  @Test(
    "At each step of each answer the distribution is that of transformers' processors",
    arguments: CardRecording.names)
  func distributions(name: String) throws {
    let recording = try CardRecording.load()
    var chain = try chain(name, seed: 1, count: recording.count)
    let steps = try #require(recording.cards[name]).flatMap { $0.flatMap(\.steps) }
    #expect(steps.count == 60)
    for step in steps {
      _ = try recording.logits(step.seed, count: recording.count).withUnsafeBufferPointer {
        try chain.sample($0)
      }
      var left = chain.candidates
      try left.computeProbabilities()
      let kept = (0..<left.count).filter { left.logit(at: $0) > -.infinity }
      #expect(kept.count == step.probabilities.count)
      for index in kept {
        let wanted = try #require(step.probabilities["\(left.id(at: index).rawValue)"])
        #expect(abs(Double(left.probability(at: index)) - wanted) <= 2e-5 * wanted + 1e-9)
      }
    }
  }

  /// Pearson's statistic of so many draws against expected probabilities, and the number of cells.
  private func chiSquare(
    _ name: String, draws: Int, of step: CardRecording.Step, row: [Float], temperature: Double? = nil
  )
    throws -> (statistic: Double, cells: Int)
  {
    var chain = try chain(name, seed: 7, count: row.count)
    if let temperature {
      var settings = try #require(ProfileCatalogue.builtIn.first { $0.name == name }?.samplers)
      settings.temperature = temperature
      settings.seed = 7
      let effective = try EffectiveSettings([(.profile, settings)], vocabularySize: row.count)
      chain = try SamplerChain(effective.chain, vocabularySize: row.count)
    }
    var counts: [Int32: Int] = [:]
    for _ in 0..<draws {
      let token = try row.withUnsafeBufferPointer { try chain.sample($0) }.token
      counts[token.rawValue, default: 0] += 1
    }
    // Cells in which fewer than five draws are expected are one.
    var statistic = 0.0
    var cells = 0
    var rest = (expected: 0.0, found: draws)
    for (id, probability) in step.probabilities {
      let expected = probability * Double(draws)
      if expected < 5 {
        rest.expected += expected
        continue
      }
      let found = counts[try #require(Int32(id)), default: 0]
      rest.found -= found
      statistic += (Double(found) - expected) * (Double(found) - expected) / expected
      cells += 1
    }
    if rest.expected >= 5 {
      statistic += (Double(rest.found) - rest.expected) * (Double(rest.found) - rest.expected) / rest.expected
      cells += 1
    }
    return (statistic, cells)
  }

  @Test("20,000 draws are distributed as transformers' are", arguments: CardRecording.names)
  func draws(name: String) throws {
    let recording = try CardRecording.load()
    let step = try #require(recording.draws[name])
    let row = recording.logits(step.seed, count: recording.drawn)
    let (statistic, cells) = try chiSquare(name, draws: 20_000, of: step, row: row)
    // Wilson and Hilferty's approximation of the quantile at 0.999; the seed is fixed, so the result is too.
    let freedom = Double(cells - 1)
    let part = 2 / (9 * freedom)
    let limit = freedom * pow(1 - part + 3.0902 * part.squareRoot(), 3)
    #expect(cells > 20 && statistic < limit)
    // The test sees a difference: another temperature is refused.
    let other = try chiSquare(name, draws: 20_000, of: step, row: row, temperature: 0.9)
    #expect(other.statistic > limit)
  }
}
