import Glibc
import Terminal
import WorkbenchAPI

/// Scores as text.
enum ScoreText {
  /// A row for each continuation, in the order in which they were given.
  static func table(_ scores: [ProtoTextScore], of continuations: [String]) -> String {
    var table = Table([
      .init("CONTINUATION"), .init("TOKENS", right: true), .init("LOGPROB", right: true),
      .init("PER TOKEN", right: true), .init("GREEDY"),
    ])
    for (text, score) in zip(continuations, scores) {
      table.add([
        SafeText.quoted(Array(text.utf8)), "\(score.tokens)", Format.decimal(score.logprob, 3),
        Format.decimal(score.logprob / Double(max(1, score.tokens)), 3), score.greedy ? "yes" : "no",
      ])
    }
    return table.fitted
  }

  /// A row for each token: its log-probability, whether it is the likeliest, and the alternatives.
  static func tokens(_ tokens: [ProtoScoredToken], columns: Int?) -> String {
    var table = Table([
      .init("ID", right: true), .init("PIECE"), .init("LOGPROB", right: true), .init("GREEDY"),
      .init("ALTERNATIVES"),
    ])
    for token in tokens {
      table.add([
        "\(token.id)", SafeText.quoted(Array(token.bytes)),
        token.hasLogprob ? Format.decimal(Double(token.logprob), 3) : "-",
        token.hasLogprob ? token.greedy ? "yes" : "no" : "-",
        TokenText.alternatives(token.alternatives),
      ])
    }
    return table.text(columns: columns)
  }

  /// What the log-probabilities of a text say about the model.
  static func perplexity(_ finish: ProtoScoreFinish, bytes: Int) -> String {
    var fields = Fields()
    fields.add("tokens", "\(finish.tokens)")
    fields.add("bytes", "\(bytes)")
    fields.add("log-likelihood", Format.decimal(finish.logprob, 2))
    fields.add(
      "perplexity", Format.decimal(Format.exponential(-finish.logprob / Double(max(1, finish.tokens))), 3))
    fields.add("bits per byte", Format.decimal(-finish.logprob / log(2) / Double(max(1, bytes)), 4))
    return fields.text
  }
}

extension [ProtoTextScore] {
  /// Adds a score, or more tokens of the last one.
  mutating func add(_ score: ProtoTextScore) {
    guard let last, last.partial, last.index == score.index else { return append(score) }
    var whole = score
    whole.scored = last.scored + score.scored
    self[count - 1] = whole
  }
}
