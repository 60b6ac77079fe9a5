/// The name of a setting that a request, a preset or a model may give, in snake_case.
///
/// The names are those of the built-in samplers' parameters, and `mirostat`, which says which chain to build.
public struct SettingName: RawRepresentable, Hashable, Sendable, CaseIterable {
  /// The name in APIs and files, such as "top_k".
  public let rawValue: String

  /// The setting of a name; nil if there is none.
  ///
  /// Other tools' names are not looked up: see `init(named:)`.
  public init?(rawValue: String) {
    guard rawValue == Self.mirostat.rawValue || Self.table.parameters[rawValue] != nil else { return nil }
    self.rawValue = rawValue
  }

  /// The setting of a name, or of another tool's name for it.
  ///
  /// - Throws: `unknownSetting` with the nearest name.
  public init(named name: String) throws(SamplingError) {
    guard let known = SettingName(rawValue: Self.table.aliases[name] ?? name) else {
      throw .unknownSetting(name: name, nearest: nearestName(to: name, among: Self.allCases.map(\.rawValue)))
    }
    self = known
  }

  /// A name that code of this package spells; a test looks it up.
  private init(_ known: String) {
    rawValue = known
  }

  /// Every setting, in the order of the samplers that read them.
  public static let allCases: [SettingName] = table.names.map { SettingName($0) } + [mirostat]

  /// What the setting takes: what its parameter takes, or 0 to 2 for `mirostat`.
  public var kind: ParameterKind { parameter?.kind ?? .integer(0...2) }

  /// The parameter of a built-in sampler that the setting gives; nil for `mirostat`.
  public var parameter: ParameterDescriptor? { Self.table.parameters[rawValue] }

  private static let table = Table()

  /// The parameters of the built-in samplers by name; those that several samplers have are the same in each.
  private struct Table {
    var names: [String] = []
    var parameters: [String: ParameterDescriptor] = [:]
    var aliases: [String: String] = [:]

    init() {
      for parameter in BuiltInSamplers.all.flatMap({ $0.entry.descriptor.parameters })
      where parameters[parameter.name] == nil {
        names.append(parameter.name)
        parameters[parameter.name] = parameter
        for alias in parameter.aliases { aliases[alias] = parameter.name }
      }
    }
  }
}

// Those that code of this package spells: for profiles, for fields of requests, and for what is more than a number.
extension SettingName {
  /// Replaces the whole order by that of Mirostat 1 or 2; 0 is off.
  public static let mirostat = SettingName("mirostat")
  /// Of `temperature`.
  public static let temperature = SettingName("temperature")
  /// Of `top_k`.
  public static let topK = SettingName("top_k")
  /// Of `top_p`.
  public static let topP = SettingName("top_p")
  /// Of `min_p`.
  public static let minP = SettingName("min_p")
  /// Of `typ_p`.
  public static let typicalP = SettingName("typical_p")
  /// Of `penalties`.
  public static let penaltyLastN = SettingName("penalty_last_n")
  /// Of `penalties`.
  public static let repetitionPenalty = SettingName("repetition_penalty")
  /// Of `penalties`.
  public static let presencePenalty = SettingName("presence_penalty")
  /// Of `penalties`.
  public static let frequencyPenalty = SettingName("frequency_penalty")
  /// Of `penalties`.
  public static let penaltyPrompt = SettingName("penalty_prompt")
  /// Of `logit_bias`.
  public static let logitBias = SettingName("logit_bias")
  /// Of `dry`: token lists, which depend on a vocabulary.
  public static let drySequenceBreakers = SettingName("dry_sequence_breakers")
  /// Of `top_k` and `typ_p`.
  public static let keepTies = SettingName("keep_ties")
}
