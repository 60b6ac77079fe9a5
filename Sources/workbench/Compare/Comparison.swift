import Terminal
import WorkbenchAPI

/// The answers of all variants to one question.
struct Comparison: Sendable {
  var question: String
  var variants: [Variant]
  var answers: [ComparedAnswer]
  /// The scores of all answers after each prompt; empty if there is only one.
  var prompts: [ScoredPrompt] = []

  /// Asks all variants together.
  static func ask(
    _ client: Client, _ question: Question, _ variants: [Variant], _ options: ProtoGenerationOptions
  ) async throws -> Comparison {
    let requests = variants.map { $0.request(question.messages, options) }
    let answers = try await withThrowingTaskGroup(of: (Int, ComparedAnswer).self) { group in
      for (index, request) in requests.enumerated() {
        group.addTask { (index, try await ComparedAnswer.ask(client, request)) }
      }
      var answers = [ComparedAnswer](repeating: ComparedAnswer(), count: requests.count)
      for try await (index, answer) in group { answers[index] = answer }
      return answers
    }
    var result = Comparison(question: question.title, variants: variants, answers: answers)
    result.prompts = try await scored(client, question, variants, answers)
    return result
  }

  /// The scores of all answers after each prompt, if there are several.
  private static func scored(
    _ client: Client, _ question: Question, _ variants: [Variant], _ answers: [ComparedAnswer]
  ) async throws -> [ScoredPrompt] {
    let prompts = Variant.prompts(of: variants)
    guard prompts.count > 1 else { return [] }
    return try await withThrowingTaskGroup(of: (Int, ScoredPrompt).self) { group in
      for (index, prompt) in prompts.enumerated() {
        group.addTask { (index, try await ScoredPrompt.ask(client, question, prompt, variants, answers)) }
      }
      var found: [Int: ScoredPrompt] = [:]
      for try await (index, scored) in group { found[index] = scored }
      return prompts.indices.compactMap { found[$0] }
    }
  }

  /// Where each answer but the first parts from the first.
  var partings: [Parting] {
    answers.indices.dropFirst().map { index in
      Parting(answers[0], answers[index], byTokens: variants[index].model == variants[0].model)
    }
  }

  /// Why answers or scores are missing.
  var failures: [ClientError] { answers.compactMap(\.failure) + prompts.compactMap(\.failure) }

  // MARK: Text

  /// The answers beside each other, or one under another where there is no room, and where they part.
  func text(columns: Int?) -> String {
    let bodies = zip(variants, answers).map { variant, answer in
      let body = answer.failure.map { "error: \($0.message)" } ?? answer.text
      return (title: variant.label, body: columns == nil ? body : SafeText.escaping(body))
    }
    var result = ""
    if let width = SideBySide.width(of: bodies.count, columns: columns) {
      let rule = String(repeating: "-", count: width)
      result += SideBySide.text(bodies.map { SafeText.oneLine($0.title) }, width: width)
      result += SideBySide.text(bodies.map { _ in rule }, width: width)
      result += SideBySide.text(bodies.map(\.body), width: width)
    } else {
      for (title, body) in bodies {
        result += "== \(SafeText.oneLine(title))\n\(body)\(body.hasSuffix("\n") ? "" : "\n")\n"
      }
    }
    let parted = columns.map { SideBySide.text([partingText], width: $0) } ?? partingText + "\n"
    return result + "\n" + figures(columns: columns) + "\n" + parted
  }

  private func figures(columns: Int?) -> String {
    var table = Table(
      [.init(""), .init("TOKENS", right: true)]
        + Self.titles(prompts.map(\.label)).map { .init($0, right: true) } + [.init("END")])
    for (index, (variant, answer)) in zip(variants, answers).enumerated() {
      let means = prompts.isEmpty ? [answer.meanLogprob] : prompts.map { $0.scores[index]?.mean }
      table.add(
        [variant.label, "\(answer.tokens.count)"] + means.map { $0.map { Format.decimal($0, 3) } ?? "-" }
          + [answer.finish.map(AnswerText.reason) ?? "failed"])
    }
    return table.text(columns: columns)
  }

  /// The titles of the columns with mean log-probabilities.
  static func titles(_ prompts: [String]) -> [String] {
    prompts.isEmpty ? ["MEAN LOGPROB"] : prompts.map { "LOGPROB UNDER \($0)" }
  }

  private var partingText: String {
    zip(variants.dropFirst(), partings).enumerated().map { index, pair in
      let (variant, parting) = pair
      let names = "\(variants[0].label) and \(variant.label)"
      return switch parting {
      case .same: "\(names): the same answer"
      case .unknown: "\(names): not compared, because one failed"
      case .token(let place):
        "\(names) part at token \(place + 1): \(piece(0, place)) and \(piece(index + 1, place))"
      case .character(let place): "\(names) part at character \(place + 1)"
      }
    }.joined(separator: "\n")
  }

  private func piece(_ answer: Int, _ place: Int) -> String {
    let tokens = answers[answer].tokens
    return place < tokens.count ? SafeText.quoted(tokens[place].bytes) : "its end"
  }
}
