import JSON
import Terminal

/// What many comparisons say together.
struct ComparisonSummary {
  private struct Figures {
    var tokens = 0
    var logprobs: [Double] = []
    var failures = 0
    /// Against the first variant.
    var same = 0
    var positions: [Int] = []
  }

  private let variants: [Variant]
  private var figures: [Figures]
  private(set) var questions = 0

  init(_ variants: [Variant]) {
    self.variants = variants
    figures = variants.map { _ in Figures() }
  }

  /// Adds one comparison.
  mutating func add(_ comparison: Comparison) {
    questions += 1
    for (index, answer) in comparison.answers.enumerated() {
      figures[index].tokens += answer.tokens.count
      if let mean = answer.meanLogprob { figures[index].logprobs.append(mean) }
      if answer.failure != nil { figures[index].failures += 1 }
    }
    for (index, parting) in comparison.partings.enumerated() {
      if parting == .same { figures[index + 1].same += 1 }
      if let position = parting.position { figures[index + 1].positions.append(position) }
    }
  }

  /// A table with a row for each variant.
  func text(columns: Int?) -> String {
    var table = Table([
      .init(Format.counted(questions, "question")), .init("TOKENS", right: true),
      .init("MEAN LOGPROB", right: true),
      .init("FAILED", right: true), .init("SAME", right: true), .init("DIFFERENT", right: true),
      .init("PART AT TOKEN", right: true),
    ])
    for (index, figure) in figures.enumerated() {
      let isFirst = index == 0
      table.add([
        variants[index].label, "\(figure.tokens)", mean(figure.logprobs).map { Format.decimal($0, 3) } ?? "-",
        "\(figure.failures)", isFirst ? "" : "\(figure.same)", isFirst ? "" : "\(figure.positions.count)",
        isFirst ? "" : median(figure.positions).map { "\($0 + 1)" } ?? "-",
      ])
    }
    return table.text(columns: columns)
  }

  /// The same as one JSON object.
  var json: String {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("summary")
      writer.array { writer in
        for (index, figure) in figures.enumerated() {
          writer.object { writer in
            writer.key("label")
            writer.string(variants[index].label)
            writer.key("questions")
            writer.int(questions)
            writer.key("tokens")
            writer.int(figure.tokens)
            writer.key("mean_logprob")
            if let mean = mean(figure.logprobs) { writer.double(mean) } else { writer.null() }
            writer.key("failed")
            writer.int(figure.failures)
            guard index > 0 else { return }
            writer.key("same")
            writer.int(figure.same)
            writer.key("different")
            writer.int(figure.positions.count)
            writer.key("median_parting")
            if let median = median(figure.positions) { writer.int(median) } else { writer.null() }
          }
        }
      }
    }
    return writer.text
  }

  private func mean(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  private func median(_ values: [Int]) -> Int? {
    values.isEmpty ? nil : values.sorted()[values.count / 2]
  }
}
