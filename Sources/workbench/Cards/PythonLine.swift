/// What a line of Python says, as far as model cards need it: values given by name, and string literals.
struct PythonLine: Sendable {
  /// A string literal.
  struct Literal: Sendable, Equatable {
    /// Whether it has placeholders.
    var isFormat: Bool
    /// The text between the placeholders, unescaped; one more than there are placeholders.
    var pieces: [String]

    /// The text, where there are no placeholders.
    var text: String? { pieces.count == 1 ? pieces[0] : nil }
  }

  private let characters: [Character]
  private let text: String

  init(_ text: String) {
    self.text = text
    characters = Array(text)
  }

  /// Whether the line is a comment.
  var isComment: Bool { text.trimmed.hasPrefix("#") }

  /// Whether the line contains a text.
  func contains(_ part: String) -> Bool { text.contains(part) }

  /// The word after `name=`, `"name": ` or `name:`; nil if the line does not give one.
  func value(of name: String) -> String? {
    let wanted = Array(name)
    guard wanted.count <= characters.count else { return nil }
    for start in 0...(characters.count - wanted.count)
    where characters[start..<(start + wanted.count)].elementsEqual(wanted) {
      guard start == 0 || !Self.isName(characters[start - 1]) else { continue }
      var at = start + wanted.count
      if at < characters.count, characters[at] == "\"" || characters[at] == "'" { at += 1 }
      skipSpaces(&at)
      guard at < characters.count, characters[at] == "=" || characters[at] == ":" else { continue }
      at += 1
      skipSpaces(&at)
      let word = characters[min(at, characters.count)...].prefix { Self.isName($0) || "+-.".contains($0) }
      if !word.isEmpty { return String(word) }
    }
    return nil
  }

  /// The string literals of the line, in order; an unfinished one is left out.
  var literals: [Literal] {
    var found: [Literal] = []
    var at = 0
    while at < characters.count {
      let quote = characters[at]
      if quote == "#" { break }
      guard quote == "\"" || quote == "'" else {
        at += 1
        continue
      }
      let prefix = characters[..<at].reversed().prefix { $0.isLetter }.map { String($0).lowercased() }
      guard let literal = literal(&at, isFormat: prefix.contains("f"), isRaw: prefix.contains("r")) else {
        break
      }
      found.append(literal)
    }
    return found
  }

  /// The literal that begins at `at`, which is moved behind it.
  private func literal(_ at: inout Int, isFormat: Bool, isRaw: Bool) -> Literal? {
    let quote = characters[at]
    var pieces = [""]
    at += 1
    while at < characters.count, characters[at] != quote {
      let character = characters[at]
      let next = at + 1 < characters.count ? characters[at + 1] : nil
      if character == "\\", !isRaw, let next {
        pieces[pieces.count - 1] += Self.escapes[next] ?? "\\\(next)"
        at += 2
      } else if isFormat, character == "{", next != "{" {
        guard let end = characters[at...].firstIndex(of: "}") else { return nil }
        pieces.append("")
        at = end + 1
      } else {
        pieces[pieces.count - 1].append(character)
        at += isFormat && "{}".contains(character) && next == character ? 2 : 1
      }
    }
    guard at < characters.count else { return nil }
    at += 1
    return Literal(isFormat: isFormat, pieces: pieces)
  }

  private func skipSpaces(_ at: inout Int) {
    while at < characters.count, characters[at] == " " { at += 1 }
  }

  private static let escapes: [Character: String] = [
    "n": "\n", "t": "\t", "r": "\r", "\\": "\\", "\"": "\"", "'": "'",
  ]

  private static func isName(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_"
  }
}
