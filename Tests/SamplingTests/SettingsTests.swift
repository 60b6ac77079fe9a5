import Testing
import Tokens

@testable import Sampling

@Suite struct SettingsTests {
  func effective(_ layers: [(SettingSource, (inout SamplerSettings) throws -> Void)]) throws
    -> EffectiveSettings
  {
    var made: [(source: SettingSource, settings: SamplerSettings)] = []
    for (source, change) in layers {
      var settings = SamplerSettings()
      try change(&settings)
      made.append((source, settings))
    }
    return try EffectiveSettings(made, vocabularySize: 1000)
  }

  func value(_ name: String, _ effective: EffectiveSettings) -> String? {
    effective.settings.first { $0.name == name }.map { "\($0.value) \($0.source.rawValue)" }
  }

  @Test func saidNothingTheDefaultsAreLlamas() throws {
    let settings = try effective([])
    #expect(value("temperature", settings) == "0.8 default")
    #expect(value("top_k", settings) == "40 default")
    #expect(value("top_p", settings) == "0.95 default")
    #expect(value("min_p", settings) == "0.05 default")
    #expect(value("repetition_penalty", settings) == "1.0 default")
    #expect(value("penalty_last_n", settings) == "64 default")
    #expect(value("profile", settings) == "llama.cpp default")
    #expect(settings.chain.stages.map(\.name) == ChainProfile.llamaCpp.order)
    #expect(value("seed", settings) == "\(settings.chain.seed) default")
  }

  @Test func theStrongestLayerThatSaysSomethingWins() throws {
    let settings = try effective([
      (
        .model,
        {
          $0.temperature = 0.3; $0.topK = 7; $0.seed = 5
        }
      ),
      (.request, { $0.temperature = 0 }),
      (.template, { $0.topK = 9 }),
    ])
    #expect(value("temperature", settings) == "0.0 request")
    #expect(value("top_k", settings) == "9 template")
    #expect(value("seed", settings) == "5 model")
    #expect(value("top_p", settings) == "0.95 default")
  }

  @Test func namesOfOtherToolsAreUnderstood() throws {
    let settings = try effective([
      (
        .request,
        {
          try $0.set("repeat_penalty", to: .number(1.1)); try $0.set("repeat_last_n", to: .integer(10))
        }
      )
    ])
    #expect(value("repetition_penalty", settings) == "1.1 request")
    #expect(value("penalty_last_n", settings) == "10 request")
    var other = SamplerSettings()
    #expect(throws: SamplingError.unknownSetting(name: "temprature", nearest: "temperature")) {
      try other.set("temprature", to: .number(1))
    }
    #expect(throws: SamplingError.self) { try other.set("top_p", to: .number(2)) }
  }

  @Test func aSettingThatNothingReadsIsAnErrorUnlessItIsOff() throws {
    #expect(throws: SamplingError.self) {
      try effective([(.request, { try $0.set("epsilon_cutoff", to: .number(0.1)) })])
    }
    _ = try effective([(.request, { try $0.set("epsilon_cutoff", to: .number(0)) })])
    _ = try effective([(.model, { try $0.set("epsilon_cutoff", to: .number(0.1)) })])
    let transformers = try effective([
      (
        .request,
        {
          try $0.set("epsilon_cutoff", to: .number(0.1)); $0.profile = "transformers"
        }
      )
    ])
    #expect(value("epsilon_cutoff", transformers) == "0.1 request")
    #expect(value("top_k", transformers) == "50 default")
    // A tie with the last one kept is kept in transformers and vLLM, not in llama.cpp.
    #expect(value("keep_ties", transformers) == "1 default")
    #expect(value("keep_ties", try effective([])) == "0 default")
    #expect(throws: SamplingError.unknownProfile(name: "transformer", nearest: "transformers")) {
      try effective([(.request, { $0.profile = "transformer" })])
    }
  }

  @Test func mirostatReplacesTheOrder() throws {
    let settings = try effective([(.request, { try $0.set("mirostat", to: .integer(2)) })])
    #expect(settings.chain.stages.map(\.name) == ["logit_bias", "temperature", "mirostat_v2"])
    #expect(throws: SamplingError.self) {
      try effective([
        (
          .request,
          {
            try $0.set("mirostat", to: .integer(1)); $0.topK = 5
          }
        )
      ])
    }
    #expect(throws: SamplingError.self) {
      try effective([(.request, { try $0.set("mirostat_tau", to: .number(3)) })])
    }
    #expect(throws: SamplingError.self) {
      try effective([(.request, { try $0.set("mirostat", to: .integer(3)) })])
    }
  }

  @Test func aChainAsDataIsTakenAsItIsAndLeavesNoRoomForNumbers() throws {
    let stages: [ChainSpecification.Stage] = [
      .init("temperature", ["temperature": .number(0.5)]), .init("top_k", ["top_k": .number(3)]),
      .init("top_k"),
    ]
    let settings = try effective([
      (
        .request,
        {
          $0.chain = stages; $0.seed = 3
        }
      ),
      (
        .model,
        {
          $0.temperature = 9; $0.topP = 0.1
        }
      ),
    ])
    #expect(settings.chain.stages.map(\.name) == ["temperature", "top_k", "top_k"])
    #expect(settings.chain.stages[1].parameters["top_k"] == .integer(3))
    #expect(settings.chain.stages[2].parameters["top_k"] == .integer(40))
    #expect(value("temperature", settings) == "0.5 request")
    #expect(throws: SamplingError.self) {
      try effective([
        (
          .request,
          {
            $0.chain = stages; $0.topK = 3
          }
        )
      ])
    }
    #expect(throws: SamplingError.unknownParameter(stage: "top_k", name: "k", nearest: nil)) {
      try effective([(.request, { $0.chain = [.init("top_k", ["k": .number(3)])] })])
    }
    // A chain of the model with a number of the request.
    let mixed = try effective([(.request, { $0.topK = 8 }), (.model, { $0.chain = stages })])
    #expect(mixed.chain.stages[1].parameters["top_k"] == .integer(8))
    #expect(value("temperature", mixed) == "0.5 model")
  }
}
