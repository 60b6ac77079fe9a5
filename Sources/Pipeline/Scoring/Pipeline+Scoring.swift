import Chat
import Engine
import ModelFormats
import Runtime
import Tokenizers
import Tokens

extension Pipeline {
  /// The log-probabilities of texts by the model's own logits, before any sampler.
  public func score(_ job: ScoreJob) throws -> ScoreEvents {
    try translatingErrors {
      try file.requireIntact()
      try ScoringLimits.check(job)
      var start = ScoreStart(model: job.model, contextTokens: 0, texts: 0, tokens: 0)
      var plan: ScorePlan
      switch job.input {
      case .document(let text, let windows):
        plan = ScorePlan(windows: try cut(text, windows, job))
      case .continuations(let continuations, let context, let truncates):
        let (context, tokens) = try encode(continuations, after: context, job)
        plan = try ScorePlan(
          tokens, after: context, contextLength: engine.contextLength, truncates: truncates)
        if case .continuations(_, .chat(_, let template), _) = job.input {
          start.template = template.name
          start.templateVersion = template.version
        }
      }
      plan.topLogprobs = job.topLogprobs
      plan.vocabularySize = tokenizer.vocabularySize
      start.contextTokens = plan.context.count
      start.texts = plan.texts
      start.tokens = plan.tokens
      return try Scoring(
        start: start, plan: plan, engine: engine, file: file, tokenizer: tokenizer,
        details: job.topLogprobs != nil)
    }
  }

  private func encode(
    _ continuations: [ScoreJob.Text], after context: ScoreJob.Context, _ job: ScoreJob
  ) throws -> (context: [TokenID], continuations: [[TokenID]]) {
    let field = "continuations.continuations"
    for (index, continuation) in continuations.enumerated() {
      if case .tokens(let ids) = continuation {
        try check(ids, field: "\(field)[\(index)].tokens.ids", of: "continuations[\(index)]")
      }
    }
    let special: SpecialParsing = job.parseSpecial ? .all : .none
    switch context {
    case .tokens(let ids):
      try check(ids, field: "continuations.tokens.ids", of: "the context")
      guard !ids.isEmpty else {
        throw WorkbenchError(
          .invalidArgument, "the context has no tokens; give at least one, or an empty text",
          field: "continuations.tokens")
      }
      return (ids, try continuations.map { try encode($0, special: special, continuesText: true) })
    case .text(""):
      let first = try firstToken(nil)
      return (
        [first],
        try continuations.map { continuation in
          let tokens = try encode(continuation, special: special, continuesText: false)
          return tokens.first == first ? Array(tokens.dropFirst()) : tokens
        }
      )
    case .text(let text):
      let addBOS = job.addBOS ?? tokenizer.addsBeginningOfSequence
      let pairs = try PairEncoder(context: text, continuations, field: field) {
        try tokenize($0, special: special, addBOS: addBOS, addEOS: false).map(\.id)
      }
      // Nothing but spaces, which belong to the continuations.
      guard !pairs.context.isEmpty else { return ([try firstToken(nil)], pairs.continuations) }
      return (pairs.context, pairs.continuations)
    case .chat(let input, let template):
      let prompt = try render(input, template)
      let pairs = try PairEncoder(context: prompt.text, continuations, field: field) {
        try tokenize(
          $0, special: .within(prompt.trustedRanges),
          addBOS: template.addsBOS && tokenizer.addsBeginningOfSequence, addEOS: false
        ).map(\.id)
      } alone: {
        try self.tokenizer.encode($0, special: .none, continuesText: true).map(\.id)
      }
      guard !pairs.context.isEmpty else {
        throw WorkbenchError(
          .invalidArgument, "template '\(template.name)' gives an empty prompt for these messages",
          field: "continuations.chat.messages")
      }
      return (pairs.context, pairs.continuations)
    }
  }

  private func encode(
    _ text: ScoreJob.Text, special: SpecialParsing, continuesText: Bool
  ) throws -> [TokenID] {
    switch text {
    case .tokens(let ids): ids
    case .text(let text):
      try tokenizer.encode(Array(text.utf8), special: special, continuesText: continuesText).map(\.id)
    }
  }

  /// The windows of a document.
  private func cut(
    _ text: ScoreJob.Text, _ windows: ScoreJob.Windows, _ job: ScoreJob
  ) throws -> [ScoringRequest.Text] {
    let length = windows.length ?? engine.contextLength
    guard (1...engine.contextLength).contains(length) else {
      throw WorkbenchError(
        .outOfRange,
        "window_tokens is \(length); it must be 1 to \(engine.contextLength), the context's length",
        field: "document.window_tokens")
    }
    guard (1...length).contains(windows.overlap) else {
      throw WorkbenchError(
        .outOfRange, "overlap_tokens is \(windows.overlap); it must be 1 to \(length), the window's length",
        field: "document.overlap_tokens")
    }
    let tokens: [TokenID]
    switch text {
    case .tokens(let ids):
      try check(ids, field: "document.text.tokens.ids")
      tokens = ids
    case .text(let text):
      tokens = try tokenize(
        Array(text.utf8), special: job.parseSpecial ? .all : .none, addBOS: job.addBOS ?? false, addEOS: false
      ).map(\.id)
    }
    guard !tokens.isEmpty else {
      throw WorkbenchError(.invalidArgument, "the text has no tokens; give some text", field: "document.text")
    }
    try ScoringLimits.check(documentTokens: tokens.count, length: length, overlap: windows.overlap)
    return DocumentWindows.cut(
      [try firstToken(windows.first)] + tokens, length: length, overlap: windows.overlap)
  }

  /// What a text without anything before it is scored after.
  private func firstToken(_ given: TokenID?) throws -> TokenID {
    if let given { try check([given], field: "document.first_token") }
    guard let first = given ?? tokenizer.beginningOfSequence ?? tokenizer.endOfSequence else {
      throw WorkbenchError(
        .failedPrecondition,
        "the tokenizer has neither BOS nor EOS, so the first token has nothing before it; give a context, or first_token"
      )
    }
    return first
  }
}
