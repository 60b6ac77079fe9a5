import RPC
import SwiftProtobuf
import Terminal
import WorkbenchAPI

/// An answer as far as it came.
struct Answer: Sendable {
  /// The text that was printed.
  var text = ""
  /// What the daemon understood; nil when nothing came.
  var start: ProtoGenerationStart?
  /// How it ended; nil when it was cut off.
  var finish: ProtoGenerationFinish?
  /// The tokens, when log-probabilities were asked for.
  var tokens: [ProtoGeneratedToken] = []
  /// How many traces were printed.
  var traced = 0
  /// Whether Control-C cut it off.
  var interrupted = false
}

/// Prints an answer while it comes.
struct AnswerPrinter: Sendable {
  /// One JSON object for each message instead of the text.
  var json = false
  /// Statistics afterwards, on standard error.
  var verbose = false
  /// A table of tokens afterwards, on standard error.
  var logprobs = false
  /// How each token was picked, instead of the text.
  var trace = false
  /// Whether the text always ends with a newline, or on a terminal only.
  var alwaysEndsLine = true

  /// Makes the call and prints; Control-C ends the answer and is reported in it.
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
        try printer.end(answer, console)
        guard Task.isCancelled else { throw error }
        answer.interrupted = true
        return answer
      }
      try printer.end(answer, console)
      return answer
    }
    if !json { report(answer, console) }
    return answer
  }

  private func receive(_ response: ProtoGenerationResponse, _ answer: inout Answer, _ console: Console) throws
  {
    if response.hasStart { answer.start = response.start }
    if response.hasFinish { answer.finish = response.finish }
    answer.text += response.text
    if json { return try console.printLine(response.jsonString()) }
    if logprobs { answer.tokens += response.tokens }
    if trace { return try explain(response, &answer, console) }
    if !response.text.isEmpty { try console.print(response.text) }
  }

  private func explain(_ response: ProtoGenerationResponse, _ answer: inout Answer, _ console: Console) throws
  {
    let width = isTerminal(console.output) ? TerminalSize(of: console.output).columns : Limits.pipeColumns
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

  private func end(_ answer: Answer, _ console: Console) throws {
    if json || trace || answer.text.isEmpty { return }
    if !alwaysEndsLine { return try console.endText(after: answer.text) }
    if answer.text.last != "\n" { try console.print("\n") }
  }

  private func report(_ answer: Answer, _ console: Console) {
    if logprobs, !answer.tokens.isEmpty { console.note(TokenText.logprobs(answer.tokens)) }
    if verbose, let start = answer.start, let finish = answer.finish {
      console.note(AnswerText.statistics(start, finish))
    }
  }
}
