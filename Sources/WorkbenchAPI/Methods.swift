public import RPC

/// The methods of `workbench.v1.Models`.
public enum ModelsMethods {
  static let service = "workbench.v1.Models"
  /// Loads a model file; progress, then the model.
  public static let load = Method<ProtoLoadModelRequest, ProtoLoadModelResponse>(
    service, "Load", .serverStreaming)
  /// Ends a model's worker.
  public static let unload = Method<ProtoUnloadModelRequest, ProtoUnloadModelResponse>(
    service, "Unload", .unary)
  /// Every model.
  public static let list = Method<ProtoListModelsRequest, ProtoListModelsResponse>(service, "List", .unary)
  /// One model with its metadata.
  public static let get = Method<ProtoGetModelRequest, ProtoGetModelResponse>(service, "Get", .unary)
  /// Changes what a loaded model's next requests use.
  public static let update = Method<ProtoUpdateModelRequest, ProtoUpdateModelResponse>(
    service, "Update", .unary)
  /// Writes a model as a new file; progress, then the result.
  public static let convert = Method<ProtoConvertModelRequest, ProtoConvertModelResponse>(
    service, "Convert", .serverStreaming)
}

/// The methods of `workbench.v1.Generation`.
public enum GenerationMethods {
  static let service = "workbench.v1.Generation"
  /// An answer to messages.
  public static let chat = Method<ProtoChatRequest, ProtoGenerationResponse>(
    service, "Chat", .serverStreaming)
  /// A continuation of text or token ids.
  public static let generate = Method<ProtoGenerateRequest, ProtoGenerationResponse>(
    service, "Generate", .serverStreaming)
  /// The log-probabilities of texts.
  public static let score = Method<ProtoScoreRequest, ProtoScoreResponse>(
    service, "Score", .serverStreaming)
}

/// The methods of `workbench.v1.Conversations`.
public enum ConversationsMethods {
  static let service = "workbench.v1.Conversations"
  /// A new conversation.
  public static let create = Method<ProtoCreateConversationRequest, ProtoCreateConversationResponse>(
    service, "Create", .unary)
  /// More messages, or fewer.
  public static let append = Method<ProtoAppendMessagesRequest, ProtoAppendMessagesResponse>(
    service, "Append", .unary)
  /// A new conversation of the first messages of another one.
  public static let fork = Method<ProtoForkConversationRequest, ProtoForkConversationResponse>(
    service, "Fork", .unary)
  /// Another name.
  public static let rename = Method<ProtoRenameConversationRequest, ProtoRenameConversationResponse>(
    service, "Rename", .unary)
  /// The conversations in pages.
  public static let list = Method<ProtoListConversationsRequest, ProtoListConversationsResponse>(
    service, "List", .unary)
  /// One conversation with its messages.
  public static let get = Method<ProtoGetConversationRequest, ProtoGetConversationResponse>(
    service, "Get", .unary)
  /// Removes a conversation.
  public static let delete = Method<ProtoDeleteConversationRequest, ProtoDeleteConversationResponse>(
    service, "Delete", .unary)
  /// Conversations as lines of JSON.
  public static let export = Method<ProtoExportConversationsRequest, ProtoExportConversationsResponse>(
    service, "Export", .serverStreaming)
  /// Conversations from lines of JSON.
  public static let `import` = Method<ProtoImportConversationsRequest, ProtoImportConversationsResponse>(
    service, "Import", .unary)
}

/// The methods of `workbench.v1.Templates`.
public enum TemplatesMethods {
  static let service = "workbench.v1.Templates"
  /// The templates by name.
  public static let list = Method<ProtoListTemplatesRequest, ProtoListTemplatesResponse>(
    service, "List", .unary)
  /// One template with its source.
  public static let get = Method<ProtoGetTemplateRequest, ProtoGetTemplateResponse>(service, "Get", .unary)
  /// The prompt that a template makes of messages.
  public static let render = Method<ProtoRenderTemplateRequest, ProtoRenderTemplateResponse>(
    service, "Render", .unary)
  /// A new version of a name.
  public static let put = Method<ProtoPutTemplateRequest, ProtoPutTemplateResponse>(service, "Put", .unary)
  /// Removes what clients and folders put under a name.
  public static let remove = Method<ProtoRemoveTemplateRequest, ProtoRemoveTemplateResponse>(
    service, "Remove", .unary)
  /// Errors and common mistakes in a template.
  public static let check = Method<ProtoCheckTemplateRequest, ProtoCheckTemplateResponse>(
    service, "Check", .unary)
}

/// The methods of `workbench.v1.Tokenizers`.
public enum TokenizersMethods {
  static let service = "workbench.v1.Tokenizers"
  /// The families, and the loaded models' tokenizers.
  public static let list = Method<ProtoListTokenizersRequest, ProtoListTokenizersResponse>(
    service, "List", .unary)
  /// Text to token ids.
  public static let tokenize = Method<ProtoTokenizeRequest, ProtoTokenizeResponse>(
    service, "Tokenize", .unary)
  /// Token ids to bytes.
  public static let detokenize = Method<ProtoDetokenizeRequest, ProtoDetokenizeResponse>(
    service, "Detokenize", .unary)
}

extension TokenizersMethods {
  /// A comparison of two tokenizers on the same lines.
  public static let compare = Method<ProtoCompareTokenizersRequest, ProtoCompareTokenizersResponse>(
    service, "Compare", .unary)
  /// A tokenizer as files.
  public static let export = Method<ProtoExportTokenizerRequest, ProtoExportTokenizerResponse>(
    service, "Export", .unary)
}

/// The methods of `workbench.v1.Samplers`.
public enum SamplersMethods {
  /// The stages that a chain may be made of.
  public static let list = Method<ProtoListSamplersRequest, ProtoListSamplersResponse>(
    "workbench.v1.Samplers", "List", .unary)
}

/// The methods of `workbench.v1.Profiles`.
public enum ProfilesMethods {
  static let service = "workbench.v1.Profiles"
  /// Every profile.
  public static let list = Method<ProtoListProfilesRequest, ProtoListProfilesResponse>(
    service, "List", .unary)
  /// One profile with its file.
  public static let get = Method<ProtoGetProfileRequest, ProtoGetProfileResponse>(service, "Get", .unary)
}

/// The methods of `workbench.v1.Plugins`.
public enum PluginsMethods {
  /// Every library that was found at start-up.
  public static let list = Method<ProtoListPluginsRequest, ProtoListPluginsResponse>(
    "workbench.v1.Plugins", "List", .unary)
}

/// The methods of `workbench.v1.Daemon`.
public enum DaemonMethods {
  static let service = "workbench.v1.Daemon"
  /// The daemon's status and its models.
  public static let status = Method<ProtoDaemonStatusRequest, ProtoDaemonStatusResponse>(
    service, "Status", .unary)
  /// Ends the daemon as SIGTERM does.
  public static let drain = Method<ProtoDrainRequest, ProtoDrainResponse>(service, "Drain", .unary)
}

/// The standard health service.
public enum HealthMethods {
  static let service = "grpc.health.v1.Health"
  /// The state now.
  public static let check = Method<Grpc_Health_V1_HealthCheckRequest, Grpc_Health_V1_HealthCheckResponse>(
    service, "Check", .unary)
  /// The state now and whenever it changes.
  public static let watch = Method<Grpc_Health_V1_HealthCheckRequest, Grpc_Health_V1_HealthCheckResponse>(
    service, "Watch", .serverStreaming)
}

/// The standard reflection services.
public enum ReflectionMethods {
  /// Version 1.
  public static let v1 = Method<
    Grpc_Reflection_V1_ServerReflectionRequest, Grpc_Reflection_V1_ServerReflectionResponse
  >("grpc.reflection.v1.ServerReflection", "ServerReflectionInfo", .bidirectional)
  /// Version 1 alpha: the same messages on the wire.
  public static let v1alpha = Method<
    Grpc_Reflection_V1alpha_ServerReflectionRequest, Grpc_Reflection_V1alpha_ServerReflectionResponse
  >("grpc.reflection.v1alpha.ServerReflection", "ServerReflectionInfo", .bidirectional)
}
