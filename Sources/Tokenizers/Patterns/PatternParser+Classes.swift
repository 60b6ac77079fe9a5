extension PatternParser {
  /// The node of `[…]` that is in no other class; the opening bracket is behind the position.
  ///
  /// Only here does ignoring case count, before a negation: what a nested class leaves out may come back (Oniguruma).
  mutating func parseOutermostClass() throws(TokenizerError) -> PatternNode {
    let isNegated = take("^")
    let set = try parseClassItems()
    guard flags.ignoresCase else { return .set(isNegated ? set.complement : set) }
    let folded = set.ignoringCase
    if isNegated { return .set(folded.complement) }
    let texts = CaseFolds.shared.texts(in: folded)
    // A longer list takes more sets than an automaton has; it matters only where the class is not repeated.
    guard dialect == .oniguruma, !texts.isEmpty, texts.count <= Limits.foldedTexts else {
      return .set(folded)
    }
    return .choice([.set(folded)] + texts.map(Self.text))
  }

  /// The set of a class in another one; the opening bracket is behind the position.
  private mutating func parseClass() throws(TokenizerError) -> ScalarSet {
    let isNegated = take("^")
    let set = try parseClassItems()
    return isNegated ? set.complement : set
  }

  /// The union and intersections up to the closing bracket.
  private mutating func parseClassItems() throws(TokenizerError) -> ScalarSet {
    var whole: ScalarSet?
    var part = ScalarSet.empty
    var isFirst = true
    while isFirst || peek != "]" {
      isFirst = false
      if take("&&") {
        whole = whole.map { $0.intersection(part) } ?? part
        part = .empty
        continue
      }
      part = part.union(try parseClassItem())
    }
    guard take("]") else { throw error("missing ]") }
    return whole.map { $0.intersection(part) } ?? part
  }

  private mutating func parseClassItem() throws(TokenizerError) -> ScalarSet {
    let scalar = try takeAny()
    if scalar == "[", peek == ":", let set = try parseNamedClass() { return set }
    if scalar == "[" { return try nested { (parser) throws(TokenizerError) in try parser.parseClass() } }
    let first = scalar == "\\" ? try parseEscape(inClass: true) : ScalarSet(scalars: [scalar])
    guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else { return first }
    position += 1
    let end = try takeAny()
    let last = end == "\\" ? try parseEscape(inClass: true) : ScalarSet(scalars: [end])
    guard let low = first.single, let high = last.single, low <= high else {
      throw error("a range needs two characters in ascending order")
    }
    return ScalarSet([low...high])
  }

  /// Parses the rest of `[:name:]`; gives nil and keeps the position if it is something else.
  private mutating func parseNamedClass() throws(TokenizerError) -> ScalarSet? {
    let start = position
    position += 1
    let isNegated = take("^")
    var name = ""
    while let scalar = peek, ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take(":]") else {
      position = start
      return nil
    }
    // Only here does punctuation include symbols (Oniguruma).
    let symbols = name.lowercased() == "punct" ? ScalarSet.property("S") ?? .empty : .empty
    guard let set = classProperty(name)?.union(symbols) else { throw error("unknown class [:\(name):]") }
    return isNegated ? set.complement : set
  }

  /// The set of an escape; the backslash is behind the position.
  mutating func parseEscape(inClass: Bool = false) throws(TokenizerError) -> ScalarSet {
    let scalar = try takeAny()
    if let control = Self.controls[scalar] { return ScalarSet([control...control]) }
    switch scalar {
    case "s": return .whiteSpace
    case "S": return ScalarSet.whiteSpace.complement
    case "d": return ScalarSet.property("Nd") ?? .empty
    case "D": return (ScalarSet.property("Nd") ?? .empty).complement
    case "w": return word(inClass)
    case "W": return word(inClass).complement
    case "h": return .hexadecimal
    case "H": return ScalarSet.hexadecimal.complement
    case "N" where !inClass: return ScalarSet(scalars: ["\n"]).complement
    case "O" where !inClass: return .all
    case "p" where peek == "{": return try parseProperty(inClass)
    case "P" where peek == "{": return try parseProperty(inClass).complement
    case "u": return try parseHexadecimal(4...4)
    case "x": return try parseHexadecimal(1...2)
    case "b" where inClass: return ScalarSet([0x08...0x08])
    case "0": return parseOctal(after: 0, digits: 2)
    case "1"..."7" where inClass || isOctal: return parseOctal(after: scalar.value - 0x30, digits: 2)
    default:
      // References to groups, and letters for what an automaton cannot match.
      guard !"GXKYykgcCMpP123456789".unicodeScalars.contains(scalar) else {
        throw error("the escape \\\(scalar) is not supported")
      }
      return ScalarSet(scalars: [scalar])
    }
  }

  private static let controls: [Unicode.Scalar: UInt32] = [
    "n": 0x0A, "r": 0x0D, "t": 0x09, "f": 0x0C, "v": 0x0B, "a": 0x07, "e": 0x1B,
  ]

  /// Whether the digits from the last one on are more than a reference to a group: two or more, and above the number of
  /// groups (Oniguruma).
  private var isOctal: Bool {
    let digits = scalars[(position - 1)...].prefix { ("0"..."9").contains($0) }
    guard digits.count > 1, digits.prefix(3).allSatisfy({ $0 < "8" }) else { return false }
    let number = digits.prefix(6).reduce(0) { $0 * 10 + Int($1.value - 0x30) }
    return number > scalars.count { $0 == "(" }
  }

  /// The scalar whose octal number goes on behind `value` for up to `digits` more digits.
  private mutating func parseOctal(after value: UInt32, digits: Int) -> ScalarSet {
    var value = value
    for _ in 0..<digits {
      guard let scalar = peek, ("0"..."7").contains(scalar) else { break }
      value = value * 8 + scalar.value - 0x30
      position += 1
    }
    return ScalarSet([value...value])
  }

  private func word(_ inClass: Bool) -> ScalarSet {
    inClass && dialect == .oniguruma ? .wordInClass : .word
  }

  /// A property inside a class.
  private func classProperty(_ name: String) -> ScalarSet? {
    let set = ScalarSet.property(name)
    return set == .word ? word(true) : set
  }

  private mutating func parseProperty(_ inClass: Bool) throws(TokenizerError) -> ScalarSet {
    guard take("{") else { throw error("\\p needs {…}") }
    let isNegated = take("^")
    var name = ""
    while let scalar = peek, scalar != "}" {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take("}"), let set = inClass ? classProperty(name) : ScalarSet.property(name) else {
      throw error("unknown property \(name)")
    }
    return isNegated ? set.complement : set
  }

  private mutating func parseHexadecimal(_ digits: ClosedRange<Int>) throws(TokenizerError) -> ScalarSet {
    let isBraced = take("{")
    var text = ""
    while let scalar = peek, isBraced ? scalar != "}" : text.utf8.count < digits.upperBound {
      guard isBraced || scalar.value < 0x80 && scalar.properties.isASCIIHexDigit else { break }
      text.unicodeScalars.append(scalar)
      position += 1
    }
    if isBraced, !take("}") { throw error("missing }") }
    if !isBraced, !digits.contains(text.utf8.count) {
      throw error("a character code needs \(digits.upperBound) digits")
    }
    guard text.utf8.count <= 8, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let value = UInt32(text, radix: 16), value <= ScalarSet.maximum
    else { throw error("a character code is missing or above 10FFFF") }
    return ScalarSet([value...value])
  }
}

extension ScalarSet {
  /// The scalar of a set that has exactly one.
  var single: UInt32? {
    ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
  }

  fileprivate static let hexadecimal = ScalarSet([0x30...0x39, 0x41...0x46, 0x61...0x66])
}
