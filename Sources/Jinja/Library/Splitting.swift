extension Interpreter {
  func split(_ method: StringMethod, _ text: Text, _ arguments: Arguments) throws(JinjaError) -> Object {
    switch method {
    case .splitlines:
      let keep = try arguments.bind("splitlines", ["keepends"]).isTrue(0)
      return .list(try lines(of: text, keepEnds: keep).map { .string(text.slice($0)) })
    case .partition, .rpartition:
      let separator = try arguments.bind(method.rawValue, ["sep"], required: 1).text(0)
      return try partition(text, separator, fromEnd: method == .rpartition)
    default:
      let bound = try arguments.bind(method.rawValue, ["sep", "maxsplit"])
      let limit = try bound.int(1, -1)
      let fromEnd = method == .rsplit
      if bound.given(0) == nil { return .list(try words(of: text, limit: limit, fromEnd: fromEnd)) }
      return .list(try split(text, at: try bound.text(0), limit: limit, fromEnd: fromEnd))
    }
  }

  /// `split(sep)`.
  private func split(
    _ text: Text, at separator: Text, limit: Int, fromEnd: Bool
  ) throws(JinjaError) -> [Object] {
    guard !separator.bytes.isEmpty else { throw JinjaError(.value, "empty separator") }
    let all = 0..<text.bytes.count
    var places: [Int]
    if fromEnd, limit >= 0 {
      // Searched forwards in the reversed bytes.
      let reversed = (text: Text(text.bytes.reversed()), separator: Text(separator.bytes.reversed()))
      let found = try occurrences(of: reversed.separator, in: reversed.text, all, limit: limit)
      places = found.reversed().map { text.bytes.count - $0 - separator.bytes.count }
    } else {
      places = try occurrences(of: separator, in: text, all, limit: limit)
    }
    try checkCount(places.count)
    var parts: [Object] = []
    parts.reserveCapacity(places.count + 1)
    var at = 0
    for place in places {
      parts.append(.string(text.slice(at..<place)))
      at = place + separator.bytes.count
    }
    parts.append(.string(text.slice(at..<text.bytes.count)))
    return parts
  }

  /// `split()`: the words between runs of space.
  func words(of text: Text, limit: Int, fromEnd: Bool) throws(JinjaError) -> [Object] {
    var ranges: [Range<Int>] = []
    var at = 0
    while true {
      at = UnicodeRules.trim(text.bytes, at..<text.bytes.count, right: false).lowerBound
      guard at < text.bytes.count else { break }
      let rest = UnicodeRules.trim(text.bytes, at..<text.bytes.count, right: false) {
        !UnicodeRules.isSpace($0)
      }
      ranges.append(at..<rest.lowerBound)
      at = rest.lowerBound
      try checkCount(ranges.count)
    }
    try charge(items: ranges.count)
    if limit >= 0, ranges.count > limit {
      if fromEnd {
        let end = ranges[ranges.count - limit - 1].upperBound
        let head = UnicodeRules.trim(text.bytes, 0..<end, left: false)
        ranges = [head] + ranges.suffix(limit)
      } else {
        ranges = ranges.prefix(limit) + [ranges[limit].lowerBound..<text.bytes.count]
      }
    }
    return ranges.map { .string(text.slice($0)) }
  }

  private func partition(_ text: Text, _ separator: Text, fromEnd: Bool) throws(JinjaError) -> Object {
    guard !separator.bytes.isEmpty else { throw JinjaError(.value, "empty separator") }
    let end = text.bytes.count
    let found =
      fromEnd
      ? UTF8Bytes.findLast(separator.bytes, in: text.bytes, from: 0, to: end)
      : UTF8Bytes.find(separator.bytes, in: text.bytes, from: 0, to: end)
    guard let found else {
      let none = Object.text("")
      return .tuple(fromEnd ? [none, none, .string(text)] : [.string(text), none, none])
    }
    let after = found + separator.bytes.count
    return .tuple([.string(text.slice(0..<found)), .string(separator), .string(text.slice(after..<end))])
  }

  /// The ranges of the lines, by all of Python's line ends.
  func lines(of text: Text, keepEnds: Bool = false) throws(JinjaError) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    var start = 0
    var at = 0
    let bytes = text.bytes
    while at < bytes.count {
      var next = at + UTF8Bytes.width(bytes[at])
      if UnicodeRules.endsLine(UTF8Bytes.scalar(bytes, at: at)) {
        if bytes[at] == 0x0D, next < bytes.count, bytes[next] == 0x0A { next += 1 }
        ranges.append(start..<(keepEnds ? next : at))
        try checkCount(ranges.count)
        start = next
      }
      at = next
    }
    if start < bytes.count { ranges.append(start..<bytes.count) }
    try charge(items: ranges.count)
    return ranges
  }
}
