import Chat
import Engine
import ModelFormats
import Runtime
import Sampling
import Tokenizers
import Tokens

/// An answer as it grows: turns the engine's tokens into text until a rule ends it.
///
/// The reader pulls: the engine runs ahead only by its own small buffer.
struct Answer: AsyncSequence, Sendable {
  typealias Element = GenerationEvent
  typealias Failure = any Error

  let start: GenerationStart
  /// The prompt, if its log-probabilities were asked for.
  let prompt: [TokenID]
  let tokens: TokenStream
  /// Looked at with each token: some of the weights are read from it.
  let file: ModelFile
  let tokenizer: any Tokenizer
  let stop: [String]
  let trim: AnswerTrim
  let settings: [GenerationFinish.Setting]

  func makeAsyncIterator() -> Iterator { Iterator(self) }

  struct Iterator: AsyncIteratorProtocol {
    private enum Phase {
      case starting, running
      /// A stop string appeared; waits for the engine's figures of the sequence.
      case stopping(rule: String)
      /// The text that was held back has been sent; the finish is next.
      case finishing(GenerationFinish)
      case over
    }

    private let answer: Answer
    private var tokens: TokenStream.AsyncIterator
    private var decoder: StreamDecoder
    private var filter: StopStringFilter
    private var trim: AnswerTrim
    private var phase = Phase.starting
    /// Tokens of the prompt that have been sent.
    private var sentPrompt = 0
    /// What comes behind the prompt, which is being sent; nil: it is not.
    private var behindPrompt: GenerationEvent?

    init(_ answer: Answer) {
      self.answer = answer
      tokens = answer.tokens.makeAsyncIterator()
      decoder = StreamDecoder(answer.tokenizer, skipSpecial: true, continuesText: true)
      filter = StopStringFilter(answer.stop)
      trim = answer.trim
    }

    mutating func next() async throws -> GenerationEvent? {
      if behindPrompt != nil { return promptPart() ?? behindPrompt.take() }
      switch phase {
      case .starting:
        phase = .running
        return .start(answer.start)
      case .running:
        let event = try await step()
        guard sentPrompt == 0, !answer.prompt.isEmpty else { return event }
        behindPrompt = event
        return promptPart() ?? behindPrompt.take()
      case .stopping(let rule):
        while try await nextToken() != nil {}
        phase = .over
        return .finish(finish(reason: .stop, rule: rule))
      case .finishing(let finish):
        phase = .over
        return .finish(finish)
      case .over:
        return nil
      }
    }

    private mutating func step() async throws -> GenerationEvent {
      guard let token = try await nextToken() else { return try end() }
      let (text, bytes) = decoder.pushWithBytes(token.token)
      let result = filter.push(text)
      var shown = trim.push(result.text)
      if let stop = result.matched {
        answer.tokens.stop()
        phase = .stopping(rule: stop)
        shown += trim.finish()
      }
      return .chunk(GenerationChunk(tokens: [generated(token, bytes)], text: shown))
    }

    private mutating func nextToken() async throws -> EngineToken? {
      do {
        let token = try await tokens.next()
        try answer.file.requireIntact()
        return token
      } catch {
        // Whatever failed, a file that has changed explains it.
        do { try answer.file.requireIntact() } catch { throw WorkbenchError(wrapping: error) }
        throw WorkbenchError(wrapping: error)
      }
    }

    /// The engine has ended the sequence: what the decoder and the filter hold back is text after all, but for a
    /// character that the end cuts, whose bytes are in the tokens.
    private mutating func end() throws -> GenerationEvent {
      let result = filter.push(decoder.finish(keepsIncomplete: false))
      let rest = result.matched == nil ? filter.finish() : ""
      let (reason, rule) = try engineReason()
      let finish =
        if let stop = result.matched { finish(reason: .stop, rule: stop) } else {
          finish(reason: reason, rule: rule)
        }
      let text = trim.push(result.text + rest) + trim.finish()
      guard !text.isEmpty else {
        phase = .over
        return .finish(finish)
      }
      phase = .finishing(finish)
      return .chunk(GenerationChunk(tokens: [], text: text))
    }

    /// The next tokens of the prompt with their log-probabilities, as many as one message takes; nil after the last.
    private mutating func promptPart() -> GenerationEvent? {
      let scores = answer.tokens.prompt
      var part: [ScoredToken] = []
      var bytes = 0
      while sentPrompt <= scores.count, bytes < PipelineLimits.partBytes {
        let token =
          sentPrompt == 0
          ? ScoredToken(first: answer.prompt[0], of: answer.tokenizer)
          : ScoredToken(scores[sentPrompt - 1], of: answer.tokenizer)
        bytes += token.messageBytes
        part.append(token)
        sentPrompt += 1
      }
      return part.isEmpty ? nil : .chunk(GenerationChunk(tokens: [], text: "", prompt: part))
    }

    private func generated(_ token: EngineToken, _ bytes: [UInt8]) -> GeneratedToken {
      let kind = answer.tokenizer.kind(of: token.token)
      return GeneratedToken(
        id: token.token, bytes: bytes, isSpecial: kind == .control, logprob: token.logprob,
        alternatives: alternatives(token.top), trace: token.trace.map(trace))
    }

    private func alternatives(_ tokens: [TokenLogprob]) -> [GeneratedToken.Alternative] {
      tokens.map { .init($0, of: answer.tokenizer) }
    }

    private func trace(_ trace: SamplingTrace) -> TokenTrace {
      TokenTrace(stages: trace.stages, likeliest: alternatives(trace.likeliest))
    }

    private func finish(reason: GenerationFinish.Reason, rule: String) -> GenerationFinish {
      let engine = answer.tokens.finish
      return GenerationFinish(
        reason: reason, rule: rule, promptTokens: engine?.promptTokens ?? answer.start.promptTokens,
        cachedTokens: engine?.cachedPromptTokens ?? 0, generatedTokens: engine?.generatedTokens ?? 0,
        queue: engine?.timings.queue ?? .zero, prefill: engine?.timings.prefill ?? .zero,
        decode: engine?.timings.decode ?? .zero,
        settings: answer.settings, trace: engine?.trace.map(trace))
    }

    private func engineReason() throws -> (GenerationFinish.Reason, String) {
      switch answer.tokens.finish?.reason {
      case .maxTokens: (.maxTokens, "")
      case .stopToken(let token): (.end, String(decoding: answer.tokenizer.piece(token), as: UTF8.self))
      case .contextFull: (.contextFull, "context")
      case .cacheFull: (.contextFull, "KV cache")
      case .stopped, .scored: (.stop, "")
      case nil: throw WorkbenchError(.internal, "the engine ended a sequence without a reason")
      }
    }
  }
}
