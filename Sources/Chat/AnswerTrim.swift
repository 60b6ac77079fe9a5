import Jinja

/// Takes from a streamed answer what is not part of it: what the model writes before it, and white space at its ends.
///
/// White space is what Python's `str.strip` removes.
public struct AnswerTrim: Sendable {
  private enum Phase { case head, start, inside }

  private let head: [Unicode.Scalar]
  private let strips: Bool
  private var phase: Phase
  /// Text that may still turn out not to be part of the answer.
  private var held: [Unicode.Scalar] = []

  /// Makes a filter.
  ///
  /// - Parameters:
  ///   - head: What an answer may begin with that is not part of it, after white space.
  ///   - strips: Whether white space is removed from both ends.
  public init(head: String, strips: Bool) {
    self.head = Array(head.unicodeScalars)
    self.strips = strips
    phase = head.isEmpty ? (strips ? .start : .inside) : .head
  }

  /// Takes the next piece of text; gives what is certainly part of the answer.
  public mutating func push(_ text: String) -> String {
    guard strips || phase != .inside else { return text }
    held += text.unicodeScalars
    if phase == .head { dropHead() }
    if phase == .start {
      held.removeFirst(held.prefix(while: UnicodeRules.isSpace).count)
      if !held.isEmpty { phase = .inside }
    }
    guard phase == .inside else { return "" }
    let end = strips ? (held.lastIndex { !UnicodeRules.isSpace($0) } ?? -1) + 1 : held.count
    defer { held.removeFirst(end) }
    return Self.text(held[..<end])
  }

  /// Ends the answer; gives what was held back and is part of it after all.
  public mutating func finish() -> String {
    // Half of a head, and nothing more.
    let rest = phase == .head ? held : strips ? [] : held
    phase = .inside
    held = []
    return Self.text(strips ? Self.stripped(rest[...]) : rest[...])
  }

  /// Drops the head, once it is certain whether it is there.
  private mutating func dropHead() {
    let begin = held.prefix(while: UnicodeRules.isSpace).count
    let text = held[begin...]
    if text.count >= head.count {
      if text.starts(with: head) { held.removeFirst(begin + head.count) }
    } else if head.starts(with: text) {
      return
    }
    phase = strips ? .start : .inside
  }

  private static func stripped(_ text: ArraySlice<Unicode.Scalar>) -> ArraySlice<Unicode.Scalar> {
    let rest = text.drop(while: UnicodeRules.isSpace)
    return rest[..<((rest.lastIndex { !UnicodeRules.isSpace($0) } ?? rest.startIndex - 1) + 1)]
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }
}
