import Access
import RPC
import WorkbenchAPI

/// What a caller needs for a method.
enum Requirement: Sendable, Equatable {
  /// Nothing: whoever can connect may call it.
  case nothing
  /// This role, or one that includes it.
  case role(Role)
}

/// What each method of the API needs, by its path; a method that is not here cannot be called.
enum MethodRoles {
  static let table: [String: Requirement] = {
    var table: [String: Requirement] = [:]
    func set<Request, Response>(_ method: Method<Request, Response>, _ requirement: Requirement) {
      table[method.path] = requirement
    }
    set(ModelsMethods.list, .role(.read))
    set(ModelsMethods.get, .role(.read))
    // From the configured folders; `AccessControl.file` refuses other paths.
    set(ModelsMethods.load, .role(.use))
    set(ModelsMethods.unload, .role(.manage))
    set(ModelsMethods.update, .role(.manage))
    set(ModelsMethods.convert, .role(.manage))
    set(GenerationMethods.chat, .role(.use))
    set(GenerationMethods.generate, .role(.use))
    // Everybody has their own; `ConversationReach` says whose they reach.
    set(ConversationsMethods.create, .role(.use))
    set(ConversationsMethods.append, .role(.use))
    set(ConversationsMethods.fork, .role(.use))
    set(ConversationsMethods.rename, .role(.use))
    set(ConversationsMethods.list, .role(.use))
    set(ConversationsMethods.get, .role(.use))
    set(ConversationsMethods.delete, .role(.use))
    set(ConversationsMethods.export, .role(.use))
    set(ConversationsMethods.import, .role(.use))
    set(GenerationMethods.score, .role(.use))
    set(TemplatesMethods.list, .role(.read))
    set(TemplatesMethods.get, .role(.read))
    set(TemplatesMethods.render, .role(.use))
    set(TemplatesMethods.check, .role(.use))
    set(TemplatesMethods.put, .role(.manage))
    set(TemplatesMethods.remove, .role(.manage))
    set(TokenizersMethods.list, .role(.read))
    set(TokenizersMethods.tokenize, .role(.use))
    set(TokenizersMethods.detokenize, .role(.use))
    set(TokenizersMethods.compare, .role(.use))
    set(TokenizersMethods.export, .role(.use))
    set(SamplersMethods.list, .role(.read))
    set(ProfilesMethods.list, .role(.read))
    set(ProfilesMethods.get, .role(.read))
    set(PluginsMethods.list, .role(.read))
    set(DaemonMethods.status, .role(.read))
    set(DaemonMethods.drain, .role(.manage))
    // Load balancers and orchestrators probe health without a token.
    set(HealthMethods.check, .nothing)
    set(HealthMethods.watch, .nothing)
    set(ReflectionMethods.v1, .role(.read))
    set(ReflectionMethods.v1alpha, .role(.read))
    return table
  }()
}
