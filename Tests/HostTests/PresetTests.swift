import BuiltIns
import Glibc
import RoleTestSupport
import Runtime
import Sampling
import TestSupport
import Testing
import Tokens

@testable import Host

@Suite struct PresetTests {
  private func preset(_ yaml: String) throws -> SamplerPreset {
    try PresetFile.preset(name: "p", yaml: yaml, origin: .plugin)
  }

  private func effective(_ layers: [(SettingSource, SamplerSettings)]) throws -> [String: String] {
    let effective = try EffectiveSettings(
      layers.map { (source: $0.0, settings: $0.1) }, vocabularySize: 32000)
    return Dictionary(
      uniqueKeysWithValues: effective.settings.map { ($0.name, "\($0.value) \($0.source.rawValue)") })
  }

  @Test("A byte-order mark in front is not part of the first key")
  func byteOrderMark() throws {
    #expect(try preset("\u{FEFF}temperature: 0.5\ntop_k: 3\n") == preset("temperature: 0.5\ntop_k: 3\n"))
  }

  @Test("The preset of SynthIA-7B-v1.3 is the sampling of its card: transformers' order and numbers")
  func synthia() throws {
    #expect(PresetCatalogue.builtIn.map(\.name) == ["default", "synthia", "synatra"])
    let preset = try #require(PresetCatalogue.builtIn.first { $0.name == "synthia" })
    // The card: model.generate(do_sample=True, top_p=1.0, temperature=0.75, top_k=50).
    let values = try effective([(.preset, preset.settings)])
    #expect(values["temperature"] == "0.75 preset")
    #expect(values["top_k"] == "50 preset")
    #expect(values["top_p"] == "1.0 preset")
    #expect(values["profile"] == "transformers preset")
    // All else is off, as it is in transformers unless somebody sets it.
    #expect(values["min_p"] == "0.0 default" && values["typical_p"] == "1.0 default")
    #expect(values["repetition_penalty"] == "1.0 default" && values["no_repeat_ngram_size"] == "0 default")
    let effective = try EffectiveSettings([(.preset, preset.settings)], vocabularySize: 32000)
    let chain = try SamplerChain(effective.chain, vocabularySize: 32000)
    var row = [Float](repeating: 0, count: 32000)
    for index in 0..<100 { row[index] = 10 - Float(index) * 0.02 }
    var sampler: any TokenSampler = chain
    let trace = try row.withUnsafeBufferPointer { try sampler.sampleTraced($0).trace }
    // transformers' order: temperature before top_k; top_p = 1 does nothing.
    #expect(trace.stages.map(\.name) == ["temperature", "top_k", "dist"])
    #expect(trace.stages[1].after.candidates == 50)
  }

  @Test(
    "The model's preset or its profile's samplers are used where a request leaves the choice: no preset, order by name or chain"
  )
  func modelPreset() throws {
    let catalogue = PresetCatalogue(plugins: [])
    let synthia = try #require(ProfileCatalogue.builtIn.first { $0.name == "synthia-7b-v1.3" })
    func name(_ samplers: SamplerNames, set: String? = nil, _ origin: ProfileChoice.Origin? = nil) throws
      -> String?
    {
      let choice = origin.map { ProfileChoice(profile: synthia, origin: $0) }
      return try catalogue.resolve(samplers, set: set, profile: choice)?.name
    }
    var samplers = SamplerNames()
    #expect(try name(samplers) == nil)
    #expect(try name(samplers, set: "synatra") == "synatra")
    #expect(try name(samplers, .card) == "synthia-7b-v1.3" && name(samplers, .model) == "synthia-7b-v1.3")
    #expect(try name(samplers, set: "synatra", .card) == "synatra")
    // What the request names is stronger than what was set for the model.
    #expect(try name(samplers, set: "synatra", .request) == "synthia-7b-v1.3")
    #expect(
      try catalogue.resolve(samplers, profile: .init(profile: synthia, origin: .card))?.origin == .profile)
    samplers.preset = "default"
    #expect(try name(samplers, set: "synatra", .request) == "default")
    samplers.choosesChain = true
    #expect(try name(samplers, set: "synatra") == "default")
    samplers.preset = nil
    #expect(try name(samplers, set: "synatra", .request) == nil)
  }

  @Test("The preset of Synatra-7B-v0.3-RP is what do_sample=True means to transformers")
  func synatra() throws {
    let preset = try #require(PresetCatalogue.builtIn.first { $0.name == "synatra" })
    let values = try effective([(.preset, preset.settings)])
    #expect(values["profile"] == "transformers preset")
    #expect(values["temperature"] == "1.0 preset" && values["top_k"] == "50 preset")
    #expect(values["top_p"] == "1.0 preset" && values["min_p"] == "0.0 default")
  }

  @Test("A preset may give an order, any setting, token biases and other tools' names")
  func everything() throws {
    let preset = try preset(
      """
      description: "for tests: all of it"
      profile: vllm
      order: [logit_bias, penalties, dry, top_k, xtc, temperature]
      dry_sequence_breakers: ["\\n", "*"]
      top_k: 7
      temp: 1
      repeat_penalty: 1.1
      xtc_probability: .5
      logit_bias: {15: -2.5, 2: -.inf}
      """)
    #expect(preset.summary == "for tests: all of it" && preset.origin == .plugin)
    #expect(preset.settings.order == ["logit_bias", "penalties", "dry", "top_k", "xtc", "temperature"])
    #expect(preset.settings.sequenceBreakers == ["\n", "*"])
    #expect(preset.settings.values[.topK] == .integer(7))
    #expect(preset.settings.values[.temperature] == .number(1))
    #expect(
      preset.settings.logitBias == [TokenBias(token: 15, bias: -2.5), TokenBias(token: 2, bias: -.infinity)])
    var request = SamplerSettings()
    request.topK = 9
    var model = SamplerSettings()
    model.temperature = 0.1
    model.topP = 0.3
    let values = try effective([(.model, model), (.preset, preset.settings), (.request, request)])
    #expect(values["top_k"] == "9 request")
    #expect(values["temperature"] == "1.0 preset")
    #expect(values["order"] == "logit_bias,penalties,dry,top_k,xtc,temperature preset")
    #expect(values["top_p"] == nil)
  }

  @Test(
    "A wrong preset is refused with what is wrong and the nearest name",
    arguments: [
      ("top_kk: 4", "unknown sampler setting 'top_kk'; did you mean 'top_k'?"),
      ("ordr: [top_k]", "did you mean 'order'?"),
      ("profile: transformer", "unknown sampler profile 'transformer'; did you mean 'transformers'?"),
      ("order: [topk]", "unknown sampler stage 'topk'; did you mean 'top_k'?"),
      ("top_p: 1.5", "top_p is 1.5; it must be a number from 0 to 1"),
      ("top_p: .nan", "top_p is nan"),
      ("top_k: much", "top_k has the wrong type; expected an integer"),
      ("top_k: 99999999999999999999", "top_k"),
      ("top_k: 1.5", "top_k has the wrong type"),
      ("temperature: [1]", "temperature has the wrong type"),
      ("temp: 1\ntemperature: 2", "temperature is given twice"),
      ("top_k: 1\ntop_k: 2", "not YAML"),
      ("order: [top_p]\ntop_k: 4", "top_k would have no effect"),
      ("dry_sequence_breakers: x", "dry_sequence_breakers must be a list of strings"),
      (
        "dry_sequence_breakers: ['']",
        "dry_sequence_breakers[0] is 0 bytes long; it must be 1 to 40 bytes"
      ),
      ("order: [top_k]\ndry_sequence_breakers: [a]", "dry_sequence_breakers would have no effect"),
      ("order: top_k", "order must be a list of stages"),
      ("order: [[top_k]]", "order must be a list of stages"),
      ("order: [dist, top_k]", "'top_k' comes after 'dist', which picks the token"),
      ("description: [a]", "description must be a string"),
      ("logit_bias: {-1: 2}", "logit_bias"),
      ("logit_bias: {a: 2}", "logit_bias must be a mapping of token ids"),
      ("logit_bias: 5", "logit_bias has the wrong type"),
      ("chain: [top_k: {top_k: 4}]\ntop_k: 3", "the chain is given as data"),
      ("chain: [top_k: {top_kk: 4}]", "top_kk"), ("chain: [top_k: {top_k: -4}]", "top_k is -4"),
      ("chain: [top_k: {top_k: x}]", "top_k.top_k has the wrong type; expected a number"),
      ("chain: [top_k: 4]", "chain must be a list of stages"), ("chain: top_k", "chain must be a list"),
      ("chain: [{top_k: {top_k: 1}, top_p: {}}]", "chain must be a list of stages"),
      ("chain: [top_k]\ndry_sequence_breakers: [a]", "no stage of the chain is 'dry'"),
      ("", "a mapping of sampler settings"), ("- top_k", "a mapping of sampler settings"),
      ("[a]: 1", "a key is not a string"), ("\"top_k: 1", "not YAML"), ("top_k: 1\n...\nx", "not YAML"),
    ])
  func wrong(yaml: String, message: String) throws {
    let error = #expect(throws: WorkbenchError.self) { try preset(yaml) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  @Test("A preset may give its chain as data, with the stages of plugins that there are")
  func chain() throws {
    let yaml = """
      description: tokens rest
      chain:
        - cooldown: {strength: 3, window: 64}
        - top_k: {top_k: 7}
        - temperature
      """
    let preset = try PresetFile.preset(name: "p", yaml: yaml, origin: .plugin, pluginStages: ["cooldown"])
    #expect(
      preset.settings.chain == [
        .init("cooldown", ["strength": .integer(3), "window": .integer(64)]),
        .init("top_k", ["top_k": .integer(7)]), .init("temperature"),
      ])
    let order = try PresetFile.preset(
      name: "p", yaml: "order: [cooldown, top_k]\ntop_k: 3", origin: .plugin, pluginStages: ["cooldown"])
    #expect(order.settings.order == ["cooldown", "top_k"])
    let error = #expect(throws: WorkbenchError.self) { try self.preset(yaml) }
    #expect(error?.message.contains("unknown sampler stage 'cooldown'") == true)
  }

  @Test("A hostile preset is refused in no time, however deep or self-referring")
  func hostile() throws {
    let laughs = (1..<9).map { level in
      "a\(level): &a\(level) [" + [String](repeating: "*a\(level - 1)", count: 9).joined(separator: ",") + "]"
    }
    for yaml in [
      String(repeating: "[", count: 60_000), String(repeating: "{a: ", count: 15_000),
      String(repeating: "- ", count: 30_000), String(repeating: "? ", count: 30_000),
      "x: &x [*x]", "top_k: *nowhere", "a0: &a0 [1]\n" + laughs.joined(separator: "\n"),
      String(repeating: "a: b: ", count: 10_000), "top_k: !!binary x", "\u{0}",
    ] {
      #expect(throws: WorkbenchError.self) { try preset(yaml) }
    }
  }

  @Test("A folder's presets hide the built-in ones of their name; a wrong file leaves what was there")
  func folder() async throws {
    let folder = try TemporaryFolder()
    try folder.write("mine.preset.yaml", Array("top_k: 3".utf8))
    try folder.write("synthia.preset.yaml", Array("top_k: 4".utf8))
    try folder.write("wrong.preset.yaml", Array("top_kk: 4".utf8))
    try folder.write("big.preset.yaml", Array("#".utf8) + [UInt8](repeating: 35, count: 1 << 17))
    try folder.write("bytes.preset.yaml", [0xFF, 0xFE])
    try folder.write("two words.preset.yaml", Array("top_k: 5".utf8))
    try folder.write("plain.jinja", Array("x".utf8))
    try folder.write("notes.yaml", Array("x".utf8))
    var files = try WatchedFiles.presets(in: [PluginFolder(folder.path)], log: silent)
    let host = ModelHost(launcher: FakeLauncher(), log: silent, patience: .long)
    await host.takePresets(files.changes())
    #expect(await host.samplerPresets.map(\.name) == ["mine", "synthia", "default", "synatra"])
    #expect(await host.samplerPresets.map(\.origin) == [.plugin, .plugin, .builtIn, .builtIn])
    let catalogue = await host.presets
    var samplers = SamplerNames()
    samplers.preset = "mine"
    #expect(try catalogue.resolve(samplers)?.settings.topK == 3)
    samplers.preset = "other"
    let error = #expect(throws: WorkbenchError.self) { try catalogue.resolve(samplers) }
    #expect(error?.kind == .notFound && error?.field == "options.preset")
    #expect(error?.message == "no preset is named 'other'; available: mine, synthia, default, synatra")

    // A later edit counts, a wrong one does not, and without its file the built-in one shows again.
    try folder.write("mine.preset.yaml", Array("top_k: 30".utf8))
    try folder.write("synthia.preset.yaml", Array("top_kk: 40".utf8))
    await host.takePresets(files.changes())
    let edited = await host.presets
    #expect(try edited.preset("mine", field: "").settings.topK == 30)
    #expect(try edited.preset("synthia", field: "").settings.topK == 4)
    #expect(unlink(folder.file("synthia.preset.yaml")) == 0)
    await host.takePresets(files.changes())
    #expect(await host.samplerPresets.map(\.name) == ["mine", "default", "synthia", "synatra"])
  }
}
