/// Scalars that a terminal obeys or hides instead of showing them.
enum InvisibleScalar {
  /// Whether a scalar beyond ASCII must be shown by its number: C1 controls, line and paragraph separators, format
  /// characters such as U+202E, and whatever else Unicode lets a program leave invisible.
  static func mustShow(_ scalar: Unicode.Scalar, after previous: Unicode.Scalar?) -> Bool {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .control: return scalar.value >= 0x80
    case .lineSeparator, .paragraphSeparator: return true
    case .format: return !joins(scalar, previous)
    default: break
    }
    guard properties.isDefaultIgnorableCodePoint else { return false }
    // One selector chooses the look of the character before it (an emoji's, say); more of them only hide data.
    return !(properties.isVariationSelector && previous.map(isSeen) == true)
  }

  /// Whether a joiner joins: inside an emoji, or between letters of a script that needs it, as Persian and Hindi do.
  private static func joins(_ scalar: Unicode.Scalar, _ previous: Unicode.Scalar?) -> Bool {
    guard scalar == "\u{200D}" || scalar == "\u{200C}", let previous, previous.value >= 0x80 else {
      return false
    }
    return isSeen(previous) || previous.properties.isVariationSelector
  }

  private static func isSeen(_ scalar: Unicode.Scalar) -> Bool {
    scalar.value > 0x20 && !scalar.properties.isDefaultIgnorableCodePoint
      && !scalar.properties.isWhitespace && scalar.properties.generalCategory != .control
  }
}
