/// The name after a dot, with what can be known about it before rendering.
///
/// Sendable, because nothing in it changes: the text is a constant.
final class AttributeName: @unchecked Sendable {
  let name: String
  /// The name as the key of a mapping.
  let constant: ConstantText
  let stringMethod: StringMethod?
  let dictMethod: DictMethod?
  let valueMethod: ValueMethod?
  let loopField: LoopField?
  private let isInternal: Bool
  private let changesLists: Bool
  private let changesDicts: Bool
  private let formats: Bool

  init(_ text: Text) {
    let name = text.string
    self.name = name
    constant = ConstantText(text.bytes)
    stringMethod = StringMethod(rawValue: name)
    dictMethod = DictMethod(rawValue: name)
    valueMethod = ValueMethod(rawValue: name)
    loopField = LoopField(rawValue: name)
    isInternal = name.hasPrefix("__") && name.hasSuffix("__") && name.utf8.count > 4
    changesLists = Self.listMutators.contains(name)
    changesDicts = Self.dictMutators.contains(name)
    formats = Self.formatters.contains(name)
  }

  var text: Text { constant.text }

  convenience init(_ name: String) { self.init(Text(name)) }

  private static let listMutators: Set<String> = [
    "append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort",
  ]
  private static let dictMutators: Set<String> = ["clear", "pop", "popitem", "setdefault", "update"]
  private static let formatters: Set<String> = ["encode", "maketrans", "translate"]

  /// Whether the attribute exists in Python but jinja2's immutable sandbox does not hand it out.
  func isRefused(on value: Object) -> Bool {
    if isInternal {
      if case .dict(let dict) = value { return dict.get(constant) == nil }
      return true
    }
    switch value {
    case .list: return changesLists
    case .dict: return changesDicts
    case .string: return formats
    default: return false
    }
  }
}
