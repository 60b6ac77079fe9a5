/// One parameter of a stage.
public struct ParameterDescriptor: Sendable, Equatable {
  /// The name in chains; a built-in parameter is also a setting of this name (`SettingName`).
  public var name: String
  /// Type and range.
  public var kind: ParameterKind
  /// The value if none is given; llama.cpp's where it has the parameter.
  public var defaultValue: ParameterValue
  /// The value at which the stage does nothing; nil if there is none.
  public var neutralValue: ParameterValue?
  /// Other tools' names for it, which settings understand too.
  public var aliases: [String]
  /// What it does and its usual values, in one sentence.
  public var meaning: String

  /// A parameter with its default; `neutral` is the value at which the stage does nothing.
  public init(
    name: String, kind: ParameterKind, default defaultValue: ParameterValue, neutral: ParameterValue? = nil,
    aliases: [String] = [], meaning: String
  ) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.neutralValue = neutral
    self.aliases = aliases
    self.meaning = meaning
  }
}
