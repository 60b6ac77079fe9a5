import Foundation
import Pipeline
import Runtime
import SwiftProtobuf
import Tokens
import WorkbenchAPI
import WorkerProtocol

// Scoring requests as the pipeline takes them.

extension ScoreJob {
  init(_ job: WorkerJob) throws {
    let request = try job.decoded(ProtoScoreRequest.self)
    let input: Input
    switch request.input {
    case .continuations(let continuations):
      input = .continuations(
        try continuations.continuations.enumerated().map {
          try Text($1, field: "continuations.continuations[\($0)]")
        },
        after: try Context(continuations.context, job), truncates: continuations.truncateContext)
    case .document(let document):
      input = .document(try Text(document.text, field: "document.text"), try Windows(document))
    case nil:
      throw WorkbenchError(
        .invalidArgument, "the input is missing: give continuations or a document", field: "continuations")
    }
    self.init(model: request.model, input: input)
    parseSpecial = request.parseSpecial
    if request.hasAddBos { addBOS = request.addBos }
    if request.hasTopLogprobs { topLogprobs = Int(request.topLogprobs) }
  }
}

extension ScoreJob.Text {
  fileprivate init(_ message: ProtoTextOrTokens, field: String) throws {
    switch message.value {
    case .text(let text): self = .text(text)
    case .tokens(let tokens):
      self = .tokens(try tokens.ids.map { try TokenID(checked: $0, field: "\(field).tokens.ids") })
    case nil: throw WorkbenchError(.invalidArgument, "it is missing: give text or tokens", field: field)
    }
  }
}

extension ScoreJob.Context {
  fileprivate init(_ context: ProtoScoredContinuations.OneOf_Context?, _ job: WorkerJob) throws {
    switch context {
    case .text(let text): self = .text(text)
    case .tokens(let tokens):
      self = .tokens(try tokens.ids.map { try TokenID(checked: $0, field: "continuations.tokens.ids") })
    case .chat(let chat):
      self = .chat(
        try PromptInput(
          chat.messages, field: "continuations.chat.messages",
          tools: chat.hasToolsJson ? chat.toolsJson : nil,
          variables: chat.hasVariablesJson ? chat.variablesJson : nil,
          addGenerationPrompt: chat.hasAddGenerationPrompt ? chat.addGenerationPrompt : nil,
          job.hasProfile ? Profile(job.profile) : nil, ignoresUnused: chat.ignoreUnused),
        try TemplateSource(job.template))
    case nil:
      throw WorkbenchError(
        .invalidArgument, "the context is missing: give text, which may be empty, tokens or chat",
        field: "continuations.text")
    }
  }
}

extension ScoreJob.Windows {
  fileprivate init(_ document: ProtoScoredDocument) throws {
    self.init()
    if document.hasWindowTokens { length = Int(document.windowTokens) }
    if document.hasOverlapTokens { overlap = Int(document.overlapTokens) }
    if document.hasFirstToken {
      first = try TokenID(checked: document.firstToken, field: "document.first_token")
    }
  }
}

// Scores as the API's messages.

extension ProtoScoreResponse {
  init(_ event: ScoreEvent) {
    self.init()
    switch event {
    case .start(let value): start = ProtoScoreStart(value)
    case .text(let score): scores = [ProtoTextScore(score)]
    case .finish(let value): finish = ProtoScoreFinish(value)
    }
  }
}

extension ProtoScoreStart {
  fileprivate init(_ start: ScoreStart) {
    self.init()
    model = start.model
    template = start.template
    templateVersion = UInt32(clamping: start.templateVersion)
    contextTokens = UInt32(clamping: start.contextTokens)
    texts = UInt32(clamping: start.texts)
    tokens = UInt64(clamping: start.tokens)
  }
}

extension ProtoTextScore {
  fileprivate init(_ score: ContinuationScore) {
    self.init()
    index = UInt32(clamping: score.index)
    tokens = UInt32(clamping: score.tokens)
    logprob = score.logprob
    greedy = score.isGreedy
    scored = score.scored.map { ProtoScoredToken($0) }
    partial = score.isPartial
  }
}

extension ProtoScoredToken {
  init(_ token: ScoredToken) {
    self.init()
    id = UInt32(bitPattern: token.id.rawValue)
    bytes = .init(token.bytes)
    special = token.isSpecial
    if let value = token.logprob { logprob = value }
    greedy = token.isLikeliest
    alternatives = token.alternatives.map { ProtoTokenAlternative($0) }
  }
}

extension ProtoScoreFinish {
  fileprivate init(_ finish: ScoreFinish) {
    self.init()
    tokens = UInt64(clamping: finish.tokens)
    logprob = finish.logprob
    cachedTokens = UInt32(clamping: finish.cachedTokens)
    queue = Google_Protobuf_Duration(finish.queue)
    run = Google_Protobuf_Duration(finish.run)
  }
}
