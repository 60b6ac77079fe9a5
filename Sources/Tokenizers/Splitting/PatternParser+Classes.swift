extension PatternParser {
  /// The set of `[…]`; the opening bracket is behind the position.
  mutating func parseClass() throws(TokenizerError) -> ScalarSet {
    let isNegated = take("^")
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
    let set = whole.map { $0.intersection(part) } ?? part
    return isNegated ? set.complement : set
  }

  private mutating func parseClassItem() throws(TokenizerError) -> ScalarSet {
    let scalar = try takeAny()
    if scalar == "[", peek == ":" { throw error("[:name:] is not supported") }
    if scalar == "[" { return try nested { (parser) throws(TokenizerError) in try parser.parseClass() } }
    let first = scalar == "\\" ? try parseEscape() : ScalarSet(scalars: [scalar])
    guard peek == "-", position + 1 < scalars.count, scalars[position + 1] != "]" else { return first }
    position += 1
    let end = try takeAny()
    let last = end == "\\" ? try parseEscape() : ScalarSet(scalars: [end])
    guard let low = first.single, let high = last.single, low <= high else {
      throw error("a range needs two scalars in order")
    }
    return ScalarSet([low...high])
  }

  /// The set of an escape; the backslash is behind the position.
  mutating func parseEscape() throws(TokenizerError) -> ScalarSet {
    let scalar = try takeAny()
    switch scalar {
    case "n": return ScalarSet(scalars: ["\n"])
    case "r": return ScalarSet(scalars: ["\r"])
    case "t": return ScalarSet(scalars: ["\t"])
    case "f": return ScalarSet(scalars: ["\u{0C}"])
    case "v": return ScalarSet(scalars: ["\u{0B}"])
    case "s": return .whiteSpace
    case "S": return ScalarSet.whiteSpace.complement
    case "d": return ScalarSet.property("Nd") ?? .empty
    case "D": return (ScalarSet.property("Nd") ?? .empty).complement
    case "w": return .word
    case "W": return ScalarSet.word.complement
    case "p": return try parseProperty()
    case "P": return try parseProperty().complement
    case "u": return try parseHexadecimal(digits: 4)
    case "x": return try parseHexadecimal(digits: 2)
    default:
      guard !scalar.properties.isAlphabetic, !("0"..."9").contains(scalar) else {
        throw error("the escape \\\(scalar) is not supported")
      }
      return ScalarSet(scalars: [scalar])
    }
  }

  private mutating func parseProperty() throws(TokenizerError) -> ScalarSet {
    guard take("{") else { throw error("\\p needs {…}") }
    let isNegated = take("^")
    var name = ""
    while let scalar = peek, scalar != "}" {
      name.unicodeScalars.append(scalar)
      position += 1
    }
    guard take("}"), let set = ScalarSet.property(name) else { throw error("unknown property \(name)") }
    return isNegated ? set.complement : set
  }

  private mutating func parseHexadecimal(digits: Int) throws(TokenizerError) -> ScalarSet {
    let isBraced = take("{")
    var text = ""
    while let scalar = peek, isBraced ? scalar != "}" : text.count < digits {
      text.unicodeScalars.append(scalar)
      position += 1
    }
    if isBraced, !take("}") { throw error("missing }") }
    if !isBraced, text.utf8.count != digits { throw error("a scalar's number needs \(digits) digits") }
    guard text.utf8.count <= 6, text.utf8.allSatisfy({ $0 != UInt8(ascii: "+") && $0 != UInt8(ascii: "-") }),
      let value = UInt32(text, radix: 16), value <= ScalarSet.maximum
    else { throw error("a scalar's number is missing or out of range") }
    return ScalarSet([value...value])
  }
}

extension ScalarSet {
  /// The scalar of a set that has exactly one.
  fileprivate var single: UInt32? {
    ranges.count == 1 && ranges[0].count == 1 ? ranges[0].lowerBound : nil
  }
}
