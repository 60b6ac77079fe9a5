/// A request of the API on its way to a worker, with what the daemon looked up for it.
public struct RelayedRequest: Sendable, Equatable {
  /// What is asked for.
  public var call: WorkerCall
  /// The request message of that call.
  public var message: EncodedMessage
  /// The template in the version that the request started with, where one is used.
  public var template: TemplateSource?
  /// The sampler preset, where one applies.
  public var preset: SamplerPreset?

  /// A request to pass on.
  public init(
    _ call: WorkerCall, _ message: EncodedMessage, template: TemplateSource? = nil,
    preset: SamplerPreset? = nil
  ) {
    self.call = call
    self.message = message
    self.template = template
    self.preset = preset
  }
}
