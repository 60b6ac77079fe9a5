import JSON
import Terminal
import Units

/// What many comparisons say together.
struct ComparisonSummary {
  private struct Figures {
    var tokens = 0
    /// Means of answers, after each prompt.
    var logprobs: [[Double]]
    var failures = 0
    /// Against the first variant.
    var same = 0
    var positions: [Int] = []
  }

  private let variants: [Variant]
  private let prompts: [String]
  private var figures: [Figures]
  private(set) var questions = 0

  init(_ variants: [Variant]) {
    self.variants = variants
    let labels = Variant.prompts(of: variants).map(\.promptLabel)
    prompts = labels.count > 1 ? labels : []
    figures = variants.map { _ in Figures(logprobs: labels.map { _ in [] }) }
  }

  /// Adds one comparison.
  mutating func add(_ comparison: Comparison) {
    questions += 1
    for (index, answer) in comparison.answers.enumerated() {
      figures[index].tokens += answer.tokens.count
      let means =
        prompts.isEmpty ? [answer.meanLogprob] : comparison.prompts.map { $0.scores[index]?.mean }
      for (prompt, mean) in means.enumerated() {
        if let mean { figures[index].logprobs[prompt].append(mean) }
      }
      if answer.failure != nil { figures[index].failures += 1 }
    }
    for (index, parting) in comparison.partings.enumerated() {
      if parting == .same { figures[index + 1].same += 1 }
      if let position = parting.position { figures[index + 1].positions.append(position) }
    }
  }

  /// A table with a row for each variant.
  func text(columns: Int?) -> String {
    let numbers = ["TOKENS"] + Comparison.titles(prompts) + ["FAILED", "SAME", "DIFFERENT", "PART AT TOKEN"]
    var table = Table([.init(counted(questions, "question"))] + numbers.map { .init($0, right: true) })
    for (index, figure) in figures.enumerated() {
      let isFirst = index == 0
      let means = figure.logprobs.map { mean($0).map { Format.decimal($0, 3) } ?? "-" }
      let against = [
        "\(figure.same)", "\(figure.positions.count)", median(figure.positions).map { "\($0 + 1)" } ?? "-",
      ]
      table.add(
        [variants[index].label, "\(figure.tokens)"] + means + ["\(figure.failures)"]
          + (isFirst ? ["", "", ""] : against))
    }
    return table.text(columns: columns)
  }

  /// The same as one JSON object.
  var json: String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("summary")
      writer.array { writer in
        for index in figures.indices { write(index, &writer) }
      }
    }
    return writer.text
  }

  private func write(_ index: Int, _ writer: inout JSONWriter) {
    let figure = figures[index]
    writer.object { writer in
      func number(_ key: String, _ value: Double?) {
        writer.key(key)
        if let value { writer.double(value) } else { writer.null() }
      }
      func count(_ key: String, _ value: Int) {
        writer.key(key)
        writer.int(value)
      }
      writer.key("label")
      writer.string(variants[index].label)
      count("questions", questions)
      count("tokens", figure.tokens)
      if prompts.isEmpty {
        number("mean_logprob", mean(figure.logprobs[0]))
      } else {
        writer.key("mean_logprob_under")
        writer.object { writer in
          for (prompt, means) in zip(prompts, figure.logprobs) {
            writer.key(prompt)
            if let mean = mean(means) { writer.double(mean) } else { writer.null() }
          }
        }
      }
      count("failed", figure.failures)
      guard index > 0 else { return }
      count("same", figure.same)
      count("different", figure.positions.count)
      writer.key("median_parting")
      if let median = median(figure.positions) { writer.int(median) } else { writer.null() }
    }
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func median(_ values: [Int]) -> Int? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }
}
