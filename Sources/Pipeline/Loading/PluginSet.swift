public import Chat
import Glibc
public import Plugins
public import Runtime
public import Sampling
import Tokenizers

/// The samplers, templates and tokenizers of a worker's plugin libraries, by name.
public struct PluginSet: Sendable {
  let samplers: [PluginSampler]
  private let tokenizers: [PluginTokenizerSource]
  private let templates: [PluginTemplate]

  /// Everything that `libraries` offer.
  public init(_ libraries: [PluginLibrary] = []) {
    samplers = libraries.flatMap(\.samplers)
    templates = libraries.flatMap(\.templates)
    tokenizers = libraries.flatMap(\.tokenizers)
  }

  /// The stages that the libraries add.
  public var samplerDescriptors: [StageDescriptor] { samplers.map(\.descriptor) }

  /// Calls, costs and faults of everything on offer.
  public var use: [PluginUse] {
    samplers.map { PluginUse("sampler", $0.name, $0.health) }
      + templates.map { PluginUse("template", $0.name, $0.health) }
      + tokenizers.map { PluginUse("tokenizer", $0.name, $0.health) }
  }

  /// The stages that a chain may name: the built-in ones and the plugins'.
  func registry() throws -> SamplerRegistry {
    var registry = SamplerRegistry.builtIn
    for sampler in samplers { try sampler.register(in: &registry) }
    return registry
  }

  /// Whether a library has a tokenizer of this name.
  func hasTokenizer(_ name: String) -> Bool { tokenizers.contains { $0.name == name } }

  /// The tokenizer of that name, or that of the file or folder at that path.
  func openTokenizer(_ reference: String) throws -> any Tokenizer {
    guard let source = tokenizers.first(where: { $0.name == reference }) else {
      guard access(reference, F_OK) == 0 else {
        throw WorkbenchError(
          .notFound, "tokenizer '\(reference)' is neither a file nor the name of a plugin's tokenizer",
          field: "tokenizer")
      }
      do throws(TokenizerError) {
        return try TokenizerFile.open(path: reference)
      } catch {
        var error = WorkbenchError(wrapping: error, path: reference)
        error.field = "tokenizer"
        throw error
      }
    }
    do throws(PluginFault) {
      return try source.load()
    } catch {
      throw WorkbenchError(
        .internal, "tokenizer '\(source.name)' of plugin '\(source.plugin)': \(error)", field: "tokenizer")
    }
  }

  /// The template of that name.
  func template(_ name: String) throws -> any PromptTemplate {
    guard let template = templates.first(where: { $0.name == name }) else {
      throw WorkbenchError(.unavailable, "the plugin with the template '\(name)' could not be opened")
    }
    return template
  }
}

extension PluginUse {
  fileprivate init(_ kind: String, _ name: String, _ health: PluginHealth) {
    self.init(kind: kind, name: name)
    let (cost, faults) = (health.cost, health.faults)
    calls = cost.calls
    nanoseconds = cost.nanoseconds
    longestNanoseconds = cost.maximumNanoseconds
    self.faults = UInt64(clamping: faults.count)
    lastFault = faults.last ?? ""
    if case .disabled(let reason) = health.state { disabled = reason }
  }
}

extension PluginTemplate: PromptTemplate {
  /// A library's code tells nobody what it looks at.
  public func reads(_ variable: String) -> Bool { true }

  /// Renders a conversation; throws only `WorkbenchError`s, which name the template.
  public func prompt(_ conversation: Conversation) throws -> RenderedPrompt {
    do throws(PluginFault) {
      return try render(conversation)
    } catch .refused(let message) {
      throw WorkbenchError(.invalidArgument, "template '\(name)': \(message)", field: "template")
    } catch {
      throw WorkbenchError(.internal, "template '\(name)' of plugin '\(plugin)': \(error)", field: "template")
    }
  }
}
