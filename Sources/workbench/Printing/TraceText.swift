import Terminal
import WorkbenchAPI

/// How a token was chosen, as a table.
enum TraceText {
  /// The line above a token's stages: its number, text and id.
  static func head(_ number: Int, _ token: ProtoGeneratedToken) -> String {
    "\(number)  \(SafeText.quoted(Array(token.bytes)))  token \(token.id)"
  }

  /// A heading, the model's most likely tokens, and a row for each stage; no line is wider than `width`.
  ///
  /// Columns that do not fit are left out, the least informative first.
  static func text(_ trace: ProtoSamplingTrace, head: String, width: Int) -> String {
    var text = clipped(head, to: width) + "\n"
    if let likeliest = likeliest(trace.likeliest, width: width) { text += likeliest + "\n" }
    var columns = Column.allCases
    for last in [Column.entropy, .removed, .kept, .rank] {
      let table = table(trace, columns)
      let widest = table.split(separator: "\n").map { DisplayWidth.of($0) }.max() ?? 0
      if widest + indent.count <= width { break }
      columns.removeAll { $0 == last }
    }
    let lines = table(trace, columns).split(separator: "\n")
    return text + lines.map { clipped(indent + $0, to: width) + "\n" }.joined()
  }

  /// The columns of a table of stages; each row describes the state after a stage, the first one before any.
  private enum Column: CaseIterable {
    case stage, kept, removed, entropy, rank, probability

    var title: Table.Column {
      switch self {
      case .stage: .init("STAGE")
      case .kept: .init("KEPT", right: true)
      case .removed: .init("REMOVED", right: true)
      case .entropy: .init("ENTROPY", right: true)
      case .rank: .init("RANK", right: true)
      case .probability: .init("PROBABILITY", right: true)
      }
    }

    func cell(_ name: String, _ before: UInt32?, _ after: ProtoTracedDistribution, _ removed: Double)
      -> String
    {
      switch self {
      case .stage: clipped(SafeText.oneLine(name), to: Limits.stageColumns)
      case .kept: before.map { "\(after.candidates) of \($0)" } ?? "\(after.candidates)"
      case .removed: before == nil ? "" : after.candidates == before ? "-" : Format.share(removed)
      case .entropy: Format.decimal(after.entropy, 2)
      case .rank: after.hasRank ? "\(after.rank)" : "-"
      case .probability: after.hasRank ? Format.share(after.probability) : "-"
      }
    }
  }

  private static let indent = "   "

  private static func table(_ trace: ProtoSamplingTrace, _ columns: [Column]) -> String {
    var table = Table(columns.map(\.title))
    if let first = trace.stages.first {
      table.add(columns.map { $0.cell("(the model)", nil, first.before, 0) })
    }
    for stage in trace.stages {
      table.add(
        columns.map { $0.cell(stage.name, stage.before.candidates, stage.after, stage.massRemoved) })
    }
    return table.text
  }

  /// As many of the likeliest tokens as fit in a line.
  private static func likeliest(_ tokens: [ProtoTokenAlternative], width: Int) -> String? {
    var line = indent + "likeliest"
    var isEmpty = true
    for token in tokens {
      let share = Format.share(Format.exponential(Double(token.logprob)))
      let part = "  \(SafeText.quoted(Array(token.bytes))) \(share)"
      if DisplayWidth.of(line) + DisplayWidth.of(part) > width { break }
      line += part
      isEmpty = false
    }
    return isEmpty ? nil : line
  }

  /// The text in at most `width` columns, an ellipsis in place of what is cut.
  private static func clipped(_ text: String, to width: Int) -> String {
    if DisplayWidth.of(text) <= width { return text }
    var result = ""
    var used = 1
    for character in text {
      used += DisplayWidth.of(character)
      if used > width { break }
      result.append(character)
    }
    return result + "…"
  }
}
