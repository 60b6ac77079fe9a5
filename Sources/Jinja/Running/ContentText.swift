// Content in parts where a template uses it as a string: Python would print the list or refuse.

extension Interpreter {
  /// The texts of the parts, a line each.
  ///
  /// - Throws: `JinjaError` for a part without text, which would be lost.
  func text(ofContent list: ListObject) throws(JinjaError) -> Text {
    var builder = TextBuilder()
    for (place, part) in list.items.enumerated() {
      try tick()
      let text = try text(ofPart: part, place)
      // The line break belongs to the message, not to the template.
      if place > 0 { builder.append("\n", origin: text.coarseOrigin ?? builder.marks.last?.origin) }
      try checkLength(builder.count + text.size)
      builder.append(text)
    }
    return builder.text()
  }

  private func text(ofPart part: Object, _ place: Int) throws(JinjaError) -> Text {
    if case .string(let text) = part { return text }
    guard case .dict(let fields) = part else {
      throw JinjaError(
        .type, "the template takes content as text, but its part \(place) is of type \(part.typeName)")
    }
    if case .string(let text)? = fields.get(Text("text")) { return text }
    var kind = "without text"
    if case .string(let name)? = fields.get(Text("type")) { kind = "of type '\(name.string)'" }
    throw JinjaError(.type, "the template takes content as text, but its part \(place) is \(kind)")
  }

  /// Content in parts as a string; any other value as it is.
  func asText(_ value: Object) throws(JinjaError) -> Object {
    guard case .list(let list) = value, list.isContent else { return value }
    return .string(try text(ofContent: list))
  }
}
