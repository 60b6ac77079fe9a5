import Terminal
import Units
import WorkbenchAPI

/// Tokens as text.
enum TokenText {
  /// A row for each token: its id, its bytes, and the byte range of the text that it covers.
  static func table(_ tokens: [ProtoTextToken]) -> String {
    var table = Table([.init("ID", right: true), .init("PIECE"), .init("BYTES"), .init("")])
    for token in tokens {
      let range = token.begin == token.end ? "-" : "\(token.begin)..<\(token.end)"
      table.add(["\(token.id)", SafeText.quoted(Array(token.piece)), range, token.special ? "special" : ""])
    }
    return table.fitted
  }

  /// Only the ids, in one line.
  static func ids(_ ids: [UInt32]) -> String {
    ids.map(String.init).joined(separator: " ") + "\n"
  }

  /// A row for each generated token, with its log-probability and the alternatives.
  static func logprobs(_ tokens: [ProtoGeneratedToken]) -> String {
    var table = Table([
      .init("ID", right: true), .init("PIECE"), .init("LOGPROB", right: true), .init("ALTERNATIVES"),
    ])
    for token in tokens {
      table.add([
        "\(token.id)", SafeText.quoted(Array(token.bytes)),
        token.hasLogprob ? Format.decimal(Double(token.logprob), 3) : "-",
        alternatives(token.alternatives),
      ])
    }
    return table.text(columns: Console.current.errorColumns)
  }

  /// Tokens with their log-probabilities, in one line.
  static func alternatives(_ tokens: [ProtoTokenAlternative]) -> String {
    tokens.map { "\(SafeText.quoted(Array($0.bytes))) \(Format.decimal(Double($0.logprob), 3))" }
      .joined(separator: "  ")
  }

  /// Two tokenizers side by side, and their bytes per token in each script.
  static func comparison(
    _ response: ProtoCompareTokenizersResponse, names: (left: String, right: String)
  ) -> String {
    var table = Table([.init(""), .init(names.left, right: true), .init(names.right, right: true)])
    let (left, right) = (response.left, response.right)
    table.add(["family", left.name, right.name])
    table.add(["vocabulary", "\(left.vocabularySize)", "\(right.vocabularySize)"])
    table.add(["tokens", "\(left.tokens)", "\(right.tokens)"])
    table.add(["bytes per token", ratio(response.bytes, left.tokens), ratio(response.bytes, right.tokens)])
    for (script, bytes) in response.bytesByScript.sorted(by: { $0.key < $1.key }) {
      table.add([
        "  \(script)", ratio(bytes, left.tokensByScript[script] ?? 0),
        ratio(bytes, right.tokensByScript[script] ?? 0),
      ])
    }
    table.add(["lines rejected", "\(left.refusals)", "\(right.refusals)"])
    table.add(["round-trip failures", failures(left), failures(right)])
    table.add(["speed", speed(left), speed(right)])
    return table.fitted + "\(response.sameLines) of \(counted(response.lines, "line")) "
      + (response.lines == 1 ? "has" : "have") + " identical ids\n"
  }

  private static func failures(_ side: ProtoComparedTokenizer) -> String {
    side.roundTripFailures == 0 ? "0" : "\(side.roundTripFailures), first in line \(side.firstFailure)"
  }

  private static func speed(_ side: ProtoComparedTokenizer) -> String {
    guard (0..<1e18).contains(side.bytesPerSecond) else { return "-" }
    return Format.bytes(UInt64(side.bytesPerSecond)) + "/s"
  }

  /// A quotient with two digits after the point; `-` without tokens.
  private static func ratio(_ bytes: UInt64, _ tokens: UInt64) -> String {
    guard tokens > 0 else { return "-" }
    // Any two numbers can come: the rest of a division by `tokens` is a number below it.
    let (whole, rest) = bytes.quotientAndRemainder(dividingBy: tokens)
    let fraction = tokens.dividingFullWidth(rest.multipliedFullWidth(by: 100)).quotient
    return "\(whole).\(fraction < 10 ? "0" : "")\(fraction)"
  }
}
