import Terminal
import WorkbenchAPI

/// Tokens as a person reads them.
enum TokenText {
  /// A line for each token: its id, its bytes, and the bytes of the text that it stands for.
  static func table(_ tokens: [ProtoTextToken]) -> String {
    var table = Table([.init("ID", right: true), .init("PIECE"), .init("BYTES"), .init("")])
    for token in tokens {
      let range = token.begin == token.end ? "-" : "\(token.begin)..<\(token.end)"
      table.add(["\(token.id)", SafeText.quoted(Array(token.piece)), range, token.special ? "special" : ""])
    }
    return table.text
  }

  /// The ids alone, in one line.
  static func ids(_ ids: [UInt32]) -> String {
    ids.map(String.init).joined(separator: " ") + "\n"
  }

  /// A line for each generated token with its log-probability and the alternatives.
  static func logprobs(_ tokens: [ProtoGeneratedToken]) -> String {
    var table = Table([
      .init("ID", right: true), .init("PIECE"), .init("LOGPROB", right: true), .init("ALTERNATIVES"),
    ])
    for token in tokens {
      let alternatives = token.alternatives.map {
        "\(SafeText.quoted(Array($0.bytes))) \(Format.decimal(Double($0.logprob), 3))"
      }
      table.add([
        "\(token.id)", SafeText.quoted(Array(token.bytes)),
        token.hasLogprob ? Format.decimal(Double(token.logprob), 3) : "-",
        alternatives.joined(separator: "  "),
      ])
    }
    return table.text
  }
}
