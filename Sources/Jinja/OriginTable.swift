/// Turns the context into values and remembers the path of each string, cheaply: paths are spelled only when asked for.
struct OriginTable {
  private enum Step {
    case root(String)
    case key(String)
    case index(Int)
    case marked(Origin)
  }

  private var parents: [Int32] = []
  private var steps: [Step] = []

  private mutating func add(_ step: Step, parent: Int32) -> Int32 {
    steps.append(step)
    parents.append(parent)
    return Int32(truncatingIfNeeded: steps.count - 1)
  }

  /// The value of a context variable.
  mutating func object(_ value: Value, root: String) throws(JinjaError) -> Object {
    try object(value, at: add(.root(root), parent: -1), depth: 0)
  }

  private mutating func object(_ value: Value, at place: Int32, depth: Int) throws(JinjaError) -> Object {
    guard depth < Value.jsonNesting else {
      throw JinjaError(.limit, "the context nests deeper than \(Value.jsonNesting) levels")
    }
    switch value {
    case .none: return .none
    case .bool(let value): return .bool(value)
    case .int(let value): return .int(value)
    case .double(let value): return .float(value)
    case .string(let string, nil): return .string(text(string, place))
    case .string(let string, .template?): return .string(Text(string))
    case .string(let string, let origin?): return .string(text(string, add(.marked(origin), parent: place)))
    case .list(let values):
      var items: [Object] = []
      items.reserveCapacity(values.count)
      for (index, value) in values.enumerated() {
        items.append(try object(value, at: add(.index(index), parent: place), depth: depth + 1))
      }
      return .list(items)
    case .dict(let fields):
      let dict = DictObject(capacity: fields.entries.count)
      for (key, value) in fields.entries {
        let inner = add(.key(key), parent: place)
        dict.append(text(key, inner), try object(value, at: inner, depth: depth + 1))
      }
      return .dict(dict)
    }
  }

  private func text(_ string: String, _ origin: Int32) -> Text {
    Text(Array(string.utf8), whole: origin)
  }

  /// The origin of a mark.
  func origin(_ id: Int32) -> Origin {
    guard steps.indices.contains(Int(id)) else { return .template }
    if case .marked(let origin) = steps[Int(id)] { return origin }
    var path = ""
    spell(Int(id), into: &path)
    return .input(path)
  }

  /// Appends the path of a place; as deep as the context nests.
  private func spell(_ place: Int, into path: inout String) {
    guard place >= 0 else { return }
    spell(Int(parents[place]), into: &path)
    switch steps[place] {
    case .marked: break
    case .root(let name): path += name
    case .key(let name):
      path += "."
      path += name
    case .index(let index):
      path += "["
      path += String(index)
      path += "]"
    }
  }
}
