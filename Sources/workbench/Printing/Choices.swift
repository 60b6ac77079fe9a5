import JSON
import Terminal
import WorkbenchAPI

/// Answers with their probabilities.
struct Choices {
  /// An answer.
  struct Choice: Equatable {
    var text: String
    /// Probability among the answers.
    var probability: Double
    var score: ProtoTextScore
  }

  /// In the order in which they were given.
  let all: [Choice]

  /// The answers that were given, with their scores.
  ///
  /// - Parameter perToken: Whether they are compared by the means of their tokens' log-probabilities.
  init(_ texts: [String], _ scores: [ProtoTextScore], perToken: Bool) {
    let values = scores.map { perToken ? $0.logprob / Double(max(1, $0.tokens)) : $0.logprob }
    let largest = values.max() ?? 0
    let weights = values.map { largest.isFinite ? Format.exponential($0 - largest) : 0 }
    let sum = weights.reduce(0, +)
    all = zip(texts, zip(scores, weights)).map { text, found in
      Choice(text: text, probability: sum > 0 ? found.1 / sum : 0, score: found.0)
    }
  }

  /// The most probable answer first, the first given among equals.
  var ranked: [Choice] {
    all.enumerated().sorted {
      ($1.element.probability, $0.offset) < ($0.element.probability, $1.offset)
    }.map(\.element)
  }

  /// A row for each answer, the most probable first.
  var table: String {
    var table = Table([
      .init("ANSWER"), .init("PROBABILITY", right: true), .init("RAW", right: true),
      .init("TOKENS", right: true),
      .init("LOGPROB", right: true),
    ])
    for choice in ranked {
      table.add([
        SafeText.quoted(Array(choice.text.utf8)), Format.share(choice.probability),
        Format.share(Format.exponential(choice.score.logprob)), "\(choice.score.tokens)",
        Format.decimal(choice.score.logprob, 3),
      ])
    }
    return table.fitted
  }

  /// An object with the most probable answer, and all of them in the order in which they were given.
  func json(model: String) -> String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("model")
      writer.string(model)
      if let best = ranked.first {
        writer.key("answer")
        writer.string(best.text)
      }
      writer.key("answers")
      writer.array { writer in
        for choice in all {
          writer.object { writer in
            writer.key("text")
            writer.string(choice.text)
            writer.key("probability")
            writer.double(choice.probability)
            writer.key("raw_probability")
            writer.double(Format.exponential(choice.score.logprob))
            writer.key("logprob")
            writer.double(choice.score.logprob)
            writer.key("tokens")
            writer.int(Int(choice.score.tokens))
            writer.key("greedy")
            writer.bool(choice.score.greedy)
          }
        }
      }
    }
    return writer.text
  }
}
