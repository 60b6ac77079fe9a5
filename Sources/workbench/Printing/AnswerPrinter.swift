import RPC
import SwiftProtobuf
import Terminal
import WorkbenchAPI

/// An answer, as much of it as arrived.
struct Answer: Sendable {
  /// The text that was printed.
  var text = ""
  /// The daemon's first message: model, template and seed; nil if nothing arrived.
  var start: ProtoGenerationStart?
  /// How the answer ended; nil if it was cut off.
  var finish: ProtoGenerationFinish?
  /// The tokens, kept only for log-probabilities.
  var tokens: [ProtoGeneratedToken] = []
  /// The prompt's tokens, if their log-probabilities were asked for.
  var prompt: [ProtoScoredToken] = []
  /// Number of traces printed.
  var traced = 0
  /// Whether Control-C stopped it.
  var interrupted = false
  /// Breaks the text between words on a terminal.
  var wrap = WordWrap()
}

/// Prints an answer as it streams.
struct AnswerPrinter: Sendable {
  /// Print a JSON object for each message instead of the text.
  var json = false
  /// Print statistics afterwards, to standard error.
  var verbose = false
  /// Print a table of tokens afterwards, to standard error.
  var logprobs = false
  /// Print how each token was chosen instead of the text.
  var trace = false
  /// End the text with a newline everywhere, not only on a terminal.
  var alwaysEndsLine = true

  /// Makes the call and prints its answer; Control-C stops the answer, which then says so.
  func run<Request: Sendable>(
    _ client: Client, _ method: Method<Request, ProtoGenerationResponse>, _ request: Request
  ) async throws -> Answer {
    let console = Console.current
    let printer = self
    let answer = try await console.interrupts.during {
      var answer = Answer()
      do {
        try await client.stream(method, request) { try printer.receive($0, &answer, console) }
      } catch {
        try printer.end(&answer, console)
        guard Task.isCancelled else { throw error }
        answer.interrupted = true
        return answer
      }
      try printer.end(&answer, console)
      return answer
    }
    if !json { report(answer, console) }
    return answer
  }

  private func receive(_ response: ProtoGenerationResponse, _ answer: inout Answer, _ console: Console) throws
  {
    if response.hasStart { answer.start = response.start }
    if response.hasFinish { answer.finish = response.finish }
    let last = answer.text.unicodeScalars.last
    answer.text += response.text
    if json { return try console.printLine(response.jsonString()) }
    answer.prompt += response.prompt
    if logprobs { answer.tokens += response.tokens }
    if trace { return try explain(response, &answer, console) }
    if response.text.isEmpty { return }
    guard let columns = console.columns else { return try console.print(response.text) }
    let piece = SafeText.escaping(response.text, after: last)
    try console.print(terminal: answer.wrap.add(piece, columns: columns))
  }

  private func explain(_ response: ProtoGenerationResponse, _ answer: inout Answer, _ console: Console) throws
  {
    let width = console.columns ?? Limits.pipeColumns
    for token in response.tokens where token.hasTrace {
      answer.traced += 1
      let head = TraceText.head(answer.traced, token)
      try console.print(
        (answer.traced > 1 ? "\n" : "") + TraceText.text(token.trace, head: head, width: width))
    }
    guard response.hasFinish, response.finish.hasTrace else { return }
    let head = AnswerText.reason(response.finish)
    try console.print(
      (answer.traced > 0 ? "\n" : "") + TraceText.text(response.finish.trace, head: head, width: width))
  }

  private func end(_ answer: inout Answer, _ console: Console) throws {
    if json || trace || answer.text.isEmpty { return }
    if let columns = console.columns { try console.print(terminal: answer.wrap.finish(columns: columns)) }
    if !alwaysEndsLine { return try console.endText(after: answer.text) }
    if answer.text.last != "\n" { try console.print("\n") }
  }

  private func report(_ answer: Answer, _ console: Console) {
    if !answer.prompt.isEmpty {
      console.note(ScoreText.tokens(answer.prompt, columns: console.errorColumns))
    }
    if logprobs, !answer.tokens.isEmpty { console.note(TokenText.logprobs(answer.tokens)) }
    if verbose, let start = answer.start, let finish = answer.finish {
      console.note(AnswerText.statistics(start, finish))
    }
  }
}
