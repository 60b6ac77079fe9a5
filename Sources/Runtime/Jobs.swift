public import Chat
public import Sampling
public import Tokens

/// A template as it travels: source text, compiled only where untrusted input is handled.
public struct TemplateSource: Sendable, Equatable {
  /// Where a template comes from.
  public enum Origin: String, Sendable {
    /// Ships with Workbench.
    case builtIn = "built-in"
    /// Is part of the model file.
    case checkpoint
    /// A file of a plugin folder.
    case plugin
    /// Put there by a client at run time.
    case client
    /// Came with the request.
    case request
  }

  /// The name in requests; for a checkpoint's own, "default" or the variant's name.
  public var name: String
  /// The Jinja source.
  public var source: String
  /// Texts that end a turn.
  public var stop: [String]
  /// Where it comes from.
  public var origin: Origin
  /// One line on what it is for.
  public var summary: String
  /// Whether the tokenizer's BOS comes in front of a prompt that does not begin with it.
  ///
  /// A checkpoint's own template says all of its prompt itself, as in transformers' `apply_chat_template`.
  public var addsBOS: Bool
  /// Counts the versions of a name, from 1.
  public var version = 1

  /// A template by its source.
  public init(name: String, source: String, stop: [String] = [], origin: Origin, summary: String = "") {
    addsBOS = origin != .checkpoint
    self.name = name
    self.source = source
    self.stop = stop
    self.origin = origin
    self.summary = summary
  }
}

/// How an answer is to be generated.
public struct GenerationOptions: Sendable {
  /// Tokens at most; nil: until the context is full.
  public var maxTokens: Int?
  /// Texts that end the answer, beside the template's.
  public var stop: [String] = []
  /// The chain of samplers; every number may be nil.
  public var sampling = SamplerSettings()
  /// Alternatives to report for each token; nil: no log-probabilities.
  public var topLogprobs: Int?
  /// Go on past end-of-generation tokens.
  public var ignoreEnd = false
  /// Whether to report how each token was picked.
  public var trace = false
  /// The preset that the request names.
  public var presetName: String?
  /// The chain of that name; the host looks it up.
  public var preset: SamplerPreset?

  /// Nothing asked for: every default.
  public init() {}
}

/// What a template is to be given.
public struct PromptInput: Sendable {
  /// The conversation, oldest first.
  public var messages: [Message]
  /// Tool definitions as a JSON array.
  public var toolsJSON: String?
  /// Further template variables as a JSON object.
  public var variablesJSON: String?
  /// Whether the prompt ends with the head of the assistant's turn.
  public var addGenerationPrompt: Bool

  /// A conversation to render.
  public init(
    messages: [Message], toolsJSON: String? = nil, variablesJSON: String? = nil,
    addGenerationPrompt: Bool = true
  ) {
    self.messages = messages
    self.toolsJSON = toolsJSON
    self.variablesJSON = variablesJSON
    self.addGenerationPrompt = addGenerationPrompt
  }
}

/// An answer to a conversation.
public struct ChatJob: Sendable {
  /// The model's name, for the answer's start.
  public var model: String
  /// The conversation.
  public var input: PromptInput
  /// The template in the version that this request started with.
  public var template: TemplateSource
  /// How to generate.
  public var options: GenerationOptions

  /// A chat.
  public init(model: String, input: PromptInput, template: TemplateSource, options: GenerationOptions) {
    self.model = model
    self.input = input
    self.template = template
    self.options = options
  }
}

/// The continuation of a text or of token ids.
public struct GenerateJob: Sendable {
  /// What is continued.
  public enum Prompt: Sendable {
    /// A text; `addBOS` nil: as the tokenizer says.
    case text(String, parseSpecial: Bool, addBOS: Bool?)
    /// Token ids, taken as they are.
    case tokens([TokenID])
  }

  /// The model's name, for the answer's start.
  public var model: String
  /// What is continued.
  public var prompt: Prompt
  /// How to generate.
  public var options: GenerationOptions

  /// A continuation.
  public init(model: String, prompt: Prompt, options: GenerationOptions) {
    self.model = model
    self.prompt = prompt
    self.options = options
  }
}

/// A template to look at.
public struct RenderJob: Sendable {
  /// The conversation.
  public var input: PromptInput
  /// The template.
  public var template: TemplateSource
  /// The texts of BOS and EOS; nil: the model's, or none without a model.
  public var bosToken: String?
  /// The text of EOS.
  public var eosToken: String?

  /// A rendering.
  public init(input: PromptInput, template: TemplateSource, bosToken: String? = nil, eosToken: String? = nil)
  {
    self.input = input
    self.template = template
    self.bosToken = bosToken
    self.eosToken = eosToken
  }
}

/// What a template made of a conversation.
public struct RenderedText: Sendable, Equatable {
  /// A part of the text and where it comes from.
  public struct Span: Sendable, Equatable {
    /// Bytes of the text.
    public var range: Range<Int>
    /// "template", or the variable: "messages[0].content", "bos_token".
    public var origin: String
    /// Bytes of the text that spell a control token but are text, since they come from a user.
    public var specialSpellings: [Range<Int>]

    /// A part of a text.
    public init(range: Range<Int>, origin: String, specialSpellings: [Range<Int>] = []) {
      self.range = range
      self.origin = origin
      self.specialSpellings = specialSpellings
    }
  }

  /// The text.
  public var text: String
  /// Its parts, in order.
  public var spans: [Span]
  /// With a model: what it would be fed, BOS included.
  public var tokens: [TokenID]

  /// A rendered prompt.
  public init(text: String, spans: [Span], tokens: [TokenID]) {
    self.text = text
    self.spans = spans
    self.tokens = tokens
  }
}

/// A token of a text.
public struct TextToken: Sendable, Equatable {
  /// The token.
  public var id: TokenID
  /// The bytes that it decodes to.
  public var piece: [UInt8]
  /// The bytes of the text that it stands for; empty for one that was added.
  public var range: Range<Int>
  /// Whether it is a control token.
  public var isSpecial: Bool

  /// A token with its place.
  public init(id: TokenID, piece: [UInt8], range: Range<Int>, isSpecial: Bool) {
    self.id = id
    self.piece = piece
    self.range = range
    self.isSpecial = isSpecial
  }
}
