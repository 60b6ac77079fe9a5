import Runtime
import Sampling
import Testing
import Tokens

@testable import Host

@Suite("A preset can set whatever a built-in sampler declares") struct PresetNamesTests {
  @Test("Every setting is read by its name", arguments: SettingName.allCases.map(\.rawValue))
  func everySetting(name: String) throws {
    let setting = try #require(SettingName(rawValue: name))
    let stage = SamplerRegistry.builtIn.descriptors.first { stage in
      stage.parameters.contains { $0.name == name }
    }
    let (text, wanted): (String, ParameterValue?) =
      switch setting.kind {
      case .number(let range): ("\(range.upperBound)", .number(range.upperBound))
      case .integer(let range): ("\(range.upperBound)", .integer(range.upperBound))
      case .biases: ("{5: -1.5}", .biases([TokenBias(token: 5, bias: -1.5)]))
      case .sequences: ("[':']", nil)
      }
    let order = stage.map { "order: [\($0.name)]\n" } ?? ""
    let preset = try PresetFile.preset(name: "p", yaml: "\(order)\(name): \(text)", origin: .plugin)
    #expect(preset.settings.values[setting] == wanted)
    // Texts become tokens where there is a vocabulary.
    #expect((preset.settings.sequenceBreakers == [":"]) == (wanted == nil))
  }
}
