extension Filters {
  /// Breaks lines at a width, each existing line by itself.
  static func wordWrap(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind(
      "wordwrap", ["width", "break_long_words", "wrapstring", "break_on_hyphens"])
    let width = try bound.int(0, 79)
    guard width > 0 else { throw JinjaError(.value, "invalid width \(width) (must be > 0)") }
    let separator = bound.given(2) == nil ? Text("\n") : try bound.text(2)
    let wrapper = WordWrap(
      width: width, breaksWords: bound.isTrue(1, true), breaksHyphens: bound.isTrue(3, true))
    let text = try run.soft(value)
    try run.charge(bytes: text.bytes.count * 16)
    var builder = TextBuilder()
    for (place, line) in (try run.lines(of: text)).enumerated() {
      if place > 0 { builder.append(separator) }
      for (row, range) in (try wrapper.rows(of: text, line, run)).enumerated() {
        if row > 0 { builder.append(separator) }
        builder.append(text, range)
      }
      try run.checkLength(builder.count)
    }
    return .string(builder.text())
  }
}

/// Greedy line breaking as Python's `textwrap` does it, without changing the spaces inside a row.
struct WordWrap {
  let width: Int
  let breaksWords: Bool
  let breaksHyphens: Bool

  /// The rows of a line.
  func rows(of text: Text, _ line: Range<Int>, _ run: Interpreter) throws(JinjaError) -> [Range<Int>] {
    var chunks = (try chunks(of: text, line, run))[...]
    var rows: [Range<Int>] = []
    while let first = chunks.first {
      try run.tick()
      try run.checkCount(rows.count)
      // Space at the start of any row but the first is dropped.
      if !rows.isEmpty, isSpace(text, first), chunks.count > 0 {
        chunks.removeFirst()
        if chunks.isEmpty { break }
        continue
      }
      var row = first.lowerBound..<first.lowerBound
      var used = 0
      while let chunk = chunks.first {
        let size = length(text, chunk)
        guard used + size <= width else { break }
        row = row.lowerBound..<chunk.upperBound
        used += size
        chunks.removeFirst()
      }
      if let long = chunks.first, length(text, long) > width {
        let space = max(width - used, used == 0 ? 1 : 0)
        if breaksWords, space > 0 {
          let cut = offset(text, long, scalars: space)
          row = row.lowerBound..<cut
          chunks[chunks.startIndex] = cut..<long.upperBound
        } else if used == 0 {
          row = long
          chunks.removeFirst()
        }
      }
      let kept = UnicodeRules.trim(text.bytes, row, left: false)
      // As in Python, a last chunk of space is dropped whole.
      if !kept.isEmpty { rows.append(kept) } else if rows.isEmpty, chunks.isEmpty { break }
    }
    return rows
  }

  private func isSpace(_ text: Text, _ range: Range<Int>) -> Bool {
    UnicodeRules.trim(text.bytes, range).isEmpty
  }

  /// The length in code points, exact only up to the width: more is never asked.
  private func length(_ text: Text, _ range: Range<Int>) -> Int {
    let (most, overflow) = width.multipliedReportingOverflow(by: 4)
    let end = overflow || most >= range.count ? range.upperBound : range.lowerBound + most + 4
    return UTF8Bytes.scalarCount(text.bytes[range.lowerBound..<min(end, range.upperBound)])
  }

  private func offset(_ text: Text, _ range: Range<Int>, scalars: Int) -> Int {
    var at = range.lowerBound
    for _ in 0..<scalars where at < range.upperBound { at += UTF8Bytes.width(text.bytes[at]) }
    return min(at, range.upperBound)
  }

  /// Words, the spaces between them, and the parts of words that hyphens end.
  private func chunks(
    of text: Text, _ line: Range<Int>, _ run: Interpreter
  ) throws(JinjaError) -> [Range<Int>] {
    var chunks: [Range<Int>] = []
    var at = line.lowerBound
    while at < line.upperBound {
      try run.tick()
      try run.checkCount(chunks.count)
      let isSpace = UnicodeRules.isSpace(UTF8Bytes.scalar(text.bytes, at: at))
      let rest = UnicodeRules.trim(text.bytes, at..<line.upperBound, right: false) {
        UnicodeRules.isSpace($0) == isSpace
      }
      let chunk = at..<rest.lowerBound
      if isSpace || !breaksHyphens { chunks.append(chunk) } else { chunks += try parts(text, chunk, run) }
      at = rest.lowerBound
    }
    return chunks
  }

  /// Splits `well-known` after a hyphen between letters.
  private func parts(
    _ text: Text, _ word: Range<Int>, _ run: Interpreter
  ) throws(JinjaError) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var start = word.lowerBound
    var at = start
    var letters = 0
    while at < word.upperBound {
      try run.tick()
      let scalar = UTF8Bytes.scalar(text.bytes, at: at)
      let next = at + UTF8Bytes.width(text.bytes[at])
      if scalar == "-", letters >= 2, next < word.upperBound,
        UnicodeRules.isAlpha(UTF8Bytes.scalar(text.bytes, at: next))
      {
        parts.append(start..<next)
        start = next
        letters = 0
      } else {
        letters = UnicodeRules.isWord(scalar) ? letters + 1 : 0
      }
      at = next
    }
    parts.append(start..<word.upperBound)
    return parts
  }
}
