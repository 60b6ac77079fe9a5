/// A request of the API on its way to a worker, with what the daemon looked up for it.
public struct RelayedRequest: Sendable, Equatable {
  /// The method.
  public var call: WorkerCall
  /// The method's request message.
  public var message: EncodedMessage
  /// The template, in the version that was the newest when the request arrived; nil if the call uses none.
  public var template: TemplateSource?
  /// The sampler preset, or the samplers of the profile; nil if none applies.
  public var preset: SamplerPreset?
  /// The profile, whose template and samplers are those above where they apply; nil if there is none.
  public var profile: Profile?
  /// The files, or plugins' tokenizers by name, that the worker opens for it.
  public var files: [String] = []
  /// Whether the paths in it are opened without following symbolic links.
  public var refusesLinks: Bool
  /// Who asks, so that a worker can divide its work among clients.
  public var client: String

  /// A request to pass on.
  public init(
    _ call: WorkerCall, _ message: EncodedMessage, template: TemplateSource? = nil,
    preset: SamplerPreset? = nil, profile: Profile? = nil, refusesLinks: Bool = false
  ) {
    self.call = call
    self.message = message
    self.template = template
    self.preset = preset
    self.profile = profile
    self.refusesLinks = refusesLinks
    client = RequestClient.current
  }
}
