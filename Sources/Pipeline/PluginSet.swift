import Chat
public import Plugins
import Runtime
public import Sampling

/// What the libraries of a worker offer, by name.
public struct PluginSet: Sendable {
  let samplers: [PluginSampler]
  let tokenizers: [PluginTokenizerSource]
  private let templates: [PluginTemplate]

  /// What `libraries` offer together.
  public init(_ libraries: [PluginLibrary] = []) {
    samplers = libraries.flatMap(\.samplers)
    templates = libraries.flatMap(\.templates)
    tokenizers = libraries.flatMap(\.tokenizers)
  }

  /// The stages that the libraries add.
  public var samplerDescriptors: [StageDescriptor] { samplers.map(\.descriptor) }

  /// The stages that a chain may name: the built-in ones and the plugins'.
  func registry() throws -> SamplerRegistry {
    var registry = SamplerRegistry.builtIn
    for sampler in samplers { try sampler.register(in: &registry) }
    return registry
  }

  /// The template of a library.
  func template(_ name: String) throws -> any PromptTemplate {
    guard let template = templates.first(where: { $0.name == name }) else {
      throw WorkbenchError(.unavailable, "the plugin with the template \"\(name)\" could not be opened")
    }
    return template
  }
}

/// What turns a conversation into a prompt: Jinja or a plugin, the pipeline cannot tell.
protocol PromptTemplate: Sendable {
  /// Texts that end the model's turn.
  var stopStrings: [String] { get }
  /// Writes a conversation as a prompt.
  func prompt(_ conversation: Conversation) throws -> RenderedPrompt
}

extension ChatTemplate: PromptTemplate {
  func prompt(_ conversation: Conversation) throws -> RenderedPrompt { try render(conversation) }
}

extension PluginTemplate: PromptTemplate {
  func prompt(_ conversation: Conversation) throws -> RenderedPrompt {
    do throws(PluginFault) {
      return try render(conversation)
    } catch .refused(let message) {
      throw WorkbenchError(.invalidArgument, "template '\(name)': \(message)", field: "template")
    } catch {
      throw WorkbenchError(.internal, "template '\(name)' of plugin '\(plugin)': \(error)", field: "template")
    }
  }
}
