import JSON

/// The ids that a post-processor puts around a single text.
struct Surroundings: Sendable {
  var prefix: [Int] = []
  var suffix: [Int] = []

  private static let names = [
    "BertProcessing", "ByteLevel", "RobertaProcessing", "Sequence", "TemplateProcessing",
  ]

  /// Reads a post-processor, the inner ones of a sequence first.
  mutating func read(_ value: JSONValue, depth: Int = 0) throws(TokenizerError) {
    let name = try value.required("type").text()
    switch name {
    case "ByteLevel": break
    case "Sequence":
      try value.required("processors").forEachElement { (element) throws(TokenizerError) in
        try read(element, depth: depth + 1)
      }
    case "BertProcessing", "RobertaProcessing":
      prefix.insert(try Self.pair(value.required("cls")), at: 0)
      suffix.append(try Self.pair(value.required("sep")))
    case "TemplateProcessing": try readTemplate(value)
    default: throw .unsupported(what: "post_processor", name: name, known: Self.names)
    }
    try Self.check(prefix, suffix)
  }

  private static func check(_ prefix: [Int], _ suffix: [Int]) throws(TokenizerError) {
    let found = max(prefix.count, suffix.count)
    guard found <= Limits.surroundingTokens else {
      throw .limit(name: "surroundingTokens", found: found, maximum: Limits.surroundingTokens)
    }
  }

  /// The id of `["[CLS]", 101]`.
  private static func pair(_ value: JSONValue) throws(TokenizerError) -> Int {
    let parts = try value.list()
    guard parts.count == 2 else { throw value.error("expected a pair of a piece and its id") }
    return try parts[1].integer()
  }

  private mutating func readTemplate(_ value: JSONValue) throws(TokenizerError) {
    var ids: [String: [Int]] = [:]
    try value.member("special_tokens")?.forEachMember { (name, token) throws(TokenizerError) in
      ids[try name.text()] = try token.required("ids").list().map { (id) throws(TokenizerError) in
        try id.integer()
      }
    }
    var before: [Int] = []
    var after: [Int] = []
    var texts = 0
    let template = try value.required("single")
    try template.forEachElement { (part) throws(TokenizerError) in
      if try part.member("Sequence") != nil {
        texts += 1
      } else {
        let name = try part.required("SpecialToken").required("id")
        guard let known = ids[try name.text()] else { throw name.error("is missing from special_tokens") }
        if texts == 0 { before += known } else { after += known }
        try Self.check(before, after)
      }
    }
    guard texts == 1 else { throw template.error("must contain the text exactly once") }
    prefix = before + prefix
    suffix += after
  }
}
