import Chat
import Engine
import Inference
import ModelFormats
public import Runtime
import Sampling
import Tokenizers
public import Tokens

/// One loaded model, from messages to text.
///
/// To see the whole path, read `chat` from top to bottom.
public final class Pipeline: Sendable {
  /// The facts of the loaded model.
  public let description: ModelDescription
  let tokenizer: any Tokenizer
  /// The tokens that end an answer: those of the tokenizer, and those that the model's files name.
  private let endTokens: Set<TokenID>
  let model: LanguageModel
  let engine: Engine<LanguageModel>
  /// The file's sampling settings.
  let modelSettings: SamplerSettings
  /// The model file; stays open, so that a change of it is noticed.
  let file: ModelFile
  let plugins: PluginSet
  private let templates: CompiledTemplates
  let breakers: SequenceBreakers

  /// - Throws: `WorkbenchError` when the vocabulary does not fit the network's embedding.
  init(
    description: ModelDescription, file: ModelFile, tokenizer: any Tokenizer, model: LanguageModel,
    engine: Engine<LanguageModel>, plugins: PluginSet, modelSettings: SamplerSettings
  ) throws {
    guard tokenizer.vocabularySize <= model.vocabularySize else {
      throw WorkbenchError(
        .invalidArgument,
        "the tokenizer has \(tokenizer.vocabularySize) tokens, but the model's embedding has only "
          + "\(model.vocabularySize) rows; use the tokenizer that the model was trained with",
        field: "tokenizer")
    }
    var description = description
    description.vocabularySize = tokenizer.vocabularySize
    description.tokenizer = tokenizer.name
    description.setAsideByTokenizer = tokenizer.setAside
    var ends = tokenizer.endOfGeneration
    let named = file.metadata.integers("tokenizer.end_token_ids") ?? []
    // Such a token is never generated.
    let outside = named.filter { id in
      guard let index = Int(exactly: id), index < tokenizer.vocabularySize else { return true }
      ends.insert(TokenID(index))
      return false
    }
    if let id = outside.first {
      let more = outside.count > 1 ? " and \(outside.count - 1) more such ids" : ""
      description.setAsideByTokenizer.append(
        "eos_token_id has \(id)\(more), but the vocabulary has ids from 0 to \(tokenizer.vocabularySize - 1)")
    }
    endTokens = ends
    description.endTokens = ends.sorted { $0.index < $1.index }.map {
      EndToken(id: $0, piece: tokenizer.piece($0))
    }
    self.description = description
    self.file = file
    self.tokenizer = tokenizer
    self.model = model
    self.engine = engine
    self.plugins = plugins
    self.modelSettings = modelSettings
    templates = CompiledTemplates(plugins: plugins)
    breakers = try SequenceBreakers(tokenizer, registry: plugins.registry())
  }

  /// Messages to an answer: render, tokenize, generate, decode, stop.
  public func chat(_ job: ChatJob) throws -> GenerationStream {
    try translatingErrors {
      let template = try templates.compiled(job.template)
      let rendered = try TemplateRendering.render(
        template, named: job.template.name, job.input, specialTexts())
      let prompt = try tokenize(rendered, of: job.template)
      return try answer(
        prompt, model: job.model, template: job.template, stop: template.stopStrings,
        options: job.options)
    }
  }

  /// A text or token ids to their continuation.
  public func generate(_ job: GenerateJob) throws -> GenerationStream {
    try translatingErrors {
      let prompt: [TokenID]
      switch job.prompt {
      case .text(let text, let parseSpecial, let addBOS):
        prompt = try tokenize(
          Array(text.utf8), special: parseSpecial ? .all : .none,
          addBOS: addBOS ?? tokenizer.addsBeginningOfSequence, addEOS: false
        ).map(\.id)
      case .tokens(let ids):
        try check(ids)
        prompt = ids
      }
      return try answer(prompt, model: job.model, template: nil, stop: [], options: job.options)
    }
  }

  /// The prompt that a chat would give to the model.
  public func render(_ job: RenderJob) throws -> RenderedText {
    try translatingErrors {
      let own = specialTexts()
      let texts = SpecialTexts(
        bos: job.bosToken ?? own.bos, eos: job.eosToken ?? own.eos, others: own.others)
      let rendered = try TemplateRendering.render(
        try templates.compiled(job.template), named: job.template.name, job.input, texts)
      var spellings = try specialSpellings(in: rendered)[...]
      return try RenderedText(
        text: rendered.text,
        spans: rendered.spans.map { span in
          RenderedText.Span(
            range: span.range, origin: span.source,
            specialSpellings: span.isTrusted ? [] : RenderedText.take(&spellings, in: span.range))
        },
        tokens: tokenize(rendered, of: job.template)
      ).bounded()
    }
  }

  /// Errors and common mistakes in a template, and whether it fits this vocabulary.
  public func check(_ template: TemplateSource) -> TemplateReport {
    TemplateRendering.check(template, texts: specialTexts(), tokenizer: tokenizer)
  }

  /// Text to token ids.
  public func tokenize(_ text: [UInt8], addSpecial: Bool, parseSpecial: Bool) throws -> [TextToken] {
    try translatingErrors {
      let tokens = try tokenize(
        text, special: parseSpecial ? .all : .none, addBOS: addSpecial && tokenizer.addsBeginningOfSequence,
        addEOS: addSpecial && tokenizer.addsEndOfSequence)
      return try TextToken.list(tokens, of: tokenizer)
    }
  }

  /// Token ids to bytes and their text.
  public func detokenize(_ ids: [TokenID], skipSpecial: Bool) throws -> DecodedText {
    try translatingErrors {
      try check(ids)
      return try DecodedText(ids, of: tokenizer, skipSpecial: skipSpecial)
    }
  }

  /// Messages as a prompt.
  func render(_ input: PromptInput, _ template: TemplateSource) throws -> RenderedPrompt {
    try TemplateRendering.render(
      try templates.compiled(template), named: template.name, input, specialTexts())
  }

  // MARK: Text to tokens

  /// The tokens of a prompt: only what the template itself wrote may become a control token.
  private func tokenize(_ prompt: RenderedPrompt, of template: TemplateSource) throws -> [TokenID] {
    try tokenize(
      Array(prompt.text.utf8), special: .within(prompt.trustedRanges),
      addBOS: template.addsBOS && tokenizer.addsBeginningOfSequence, addEOS: false
    ).map(\.id)
  }

  /// Where a text spells control tokens, trusted or not.
  private func specialSpellings(in prompt: RenderedPrompt) throws -> [Range<Int>] {
    try tokenizer.encode(Array(prompt.text.utf8), special: .all, continuesText: false)
      .filter { !$0.range.isEmpty && tokenizer.kind(of: $0.id) == .control }.map(\.range)
  }

  func tokenize(
    _ text: [UInt8], special: SpecialParsing, addBOS: Bool, addEOS: Bool
  ) throws -> [Token] {
    var tokens = try tokenizer.encode(text, special: special, continuesText: false)
    if addBOS, let bos = tokenizer.beginningOfSequence, tokens.first?.id != bos {
      tokens.insert(Token(id: bos, range: 0..<0), at: 0)
    }
    if addEOS, let eos = tokenizer.endOfSequence, tokens.last?.id != eos {
      tokens.append(Token(id: eos, range: text.count..<text.count))
    }
    return tokens
  }

  private func specialTexts() -> SpecialTexts {
    func text(_ token: TokenID?) -> String? {
      token.map { String(decoding: tokenizer.piece($0), as: UTF8.self) }
    }
    var others: [String: String] = [:]
    others["unk_token"] = text(tokenizer.unknown)
    others["pad_token"] = text(tokenizer.padding)
    return SpecialTexts(
      bos: text(tokenizer.beginningOfSequence), eos: text(tokenizer.endOfSequence), others: others)
  }

  func check(_ ids: [TokenID], field: String = "ids", of text: String? = nil) throws {
    guard let index = ids.firstIndex(where: { !(0..<tokenizer.vocabularySize).contains($0.index) }) else {
      return
    }
    throw WorkbenchError(
      .invalidArgument,
      "token \(ids[index]) at index \(index)\(text.map { " of \($0)" } ?? "") is outside the vocabulary, which is 0 to "
        + "\(tokenizer.vocabularySize - 1)",
      field: field)
  }

  // MARK: Tokens to an answer

  private func answer(
    _ prompt: [TokenID], model name: String, template: TemplateSource?, stop: [String],
    options: GenerationOptions
  ) throws -> GenerationStream {
    try file.requireIntact()
    try GenerationLimits.check(options)
    let (chain, settings) = try sampling(options)
    let request = GenerationRequest(
      prompt: prompt,
      sampler: chain,
      maxTokens: options.maxTokens,
      stopTokens: options.ignoreEnd ? [] : endTokens,
      vocabularySize: tokenizer.vocabularySize, topLogprobs: options.topLogprobs,
      promptLogprobs: options.promptLogprobs, traces: options.trace)
    let start = GenerationStart(
      model: name, template: template?.name ?? "", templateVersion: template?.version ?? 0,
      profile: options.profile, promptTokens: prompt.count, seed: chain.specification.seed)
    return Answer(
      start: start, prompt: options.promptLogprobs == nil ? [] : prompt, tokens: try engine.submit(request),
      file: file, tokenizer: tokenizer, stop: stop + options.stop,
      trim: AnswerTrim(head: options.answerHead, strips: options.strip),
      settings: options.others + settings)
  }
}
