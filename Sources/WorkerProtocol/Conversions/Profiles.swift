public import Runtime

extension WorkerProfile {
  /// A profile on its way to a worker, without its template and its samplers.
  public init(_ profile: Profile) {
    self.init()
    name = profile.name
    if let value = profile.system { system = value }
    stop = profile.stop
    if let value = profile.maxTokens { maxTokens = UInt32(clamping: value) }
    strip = profile.strip ?? false
    answerHead = profile.answerHead
    if let value = profile.addGenerationPrompt { addGenerationPrompt = value }
  }
}

extension Profile {
  /// What the daemon sent of a profile.
  public init(_ message: WorkerProfile) {
    self.init(name: message.name, origin: .plugin)
    if message.hasSystem { system = message.system }
    stop = message.stop
    if message.hasMaxTokens { maxTokens = Int(message.maxTokens) }
    strip = message.strip
    answerHead = message.answerHead
    if message.hasAddGenerationPrompt { addGenerationPrompt = message.addGenerationPrompt }
  }
}
