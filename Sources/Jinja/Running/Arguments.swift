/// The evaluated arguments of a call.
struct Arguments {
  var positional: [Object] = []
  private(set) var named: [(name: String, value: Object)] = []

  init(positional: [Object] = []) {
    self.positional = positional
  }

  mutating func add(_ name: String, _ value: Object) throws(JinjaError) {
    guard !named.contains(where: { $0.name == name }) else {
      throw JinjaError(.type, "the argument '\(name)' is given twice")
    }
    named.append((name, value))
  }

  mutating func take(_ name: String) -> Object? {
    guard let place = named.firstIndex(where: { $0.name == name }) else { return nil }
    return named.remove(at: place).value
  }

  var isEmpty: Bool { positional.isEmpty && named.isEmpty }

  /// Sorts the arguments into parameters as Python does.
  func bind(_ function: String, _ parameters: [String], required: Int = 0) throws(JinjaError) -> Bound {
    guard positional.count <= parameters.count else {
      throw JinjaError(
        .type, "\(function)() takes at most \(parameters.count) arguments, \(positional.count) given")
    }
    if isEmpty, required == 0 { return Bound(function: function, parameters: parameters, values: []) }
    var values: [Object?] = positional
    values.append(contentsOf: repeatElement(nil, count: parameters.count - positional.count))
    for (name, value) in named {
      guard let place = parameters.firstIndex(of: name) else {
        throw JinjaError(.type, "\(function)() got an unexpected keyword argument '\(name)'")
      }
      guard values[place] == nil else {
        throw JinjaError(.type, "\(function)() got multiple values for argument '\(name)'")
      }
      values[place] = value
    }
    for place in 0..<required where values[place] == nil {
      throw JinjaError(.type, "\(function)() is missing the argument '\(parameters[place])'")
    }
    return Bound(function: function, parameters: parameters, values: values)
  }
}

/// Arguments in the order of a function's parameters.
struct Bound {
  let function: String
  let parameters: [String]
  /// By parameter; empty when nothing was given at all.
  let values: [Object?]

  /// The argument; nil where it was left out.
  subscript(place: Int) -> Object? { values.isEmpty ? nil : values[place] }

  /// The argument; nil where it was left out or is none.
  func given(_ place: Int) -> Object? {
    if case .none? = self[place] { return nil }
    return self[place]
  }

  private func wrong(_ place: Int, _ wanted: String) -> JinjaError {
    if case .undefined(let missing)? = self[place] { return missing.error }
    let type = self[place]?.typeName ?? "nothing"
    return JinjaError(.type, "\(function)(): '\(parameters[place])' must be \(wanted), not \(type)")
  }

  func int(_ place: Int, _ fallback: Int) throws(JinjaError) -> Int {
    guard let value = self[place] else { return fallback }
    guard let number = value.integer else { throw wrong(place, "an integer") }
    return number
  }

  func text(_ place: Int) throws(JinjaError) -> Text {
    guard case .string(let text)? = self[place] else { throw wrong(place, "a string") }
    return text
  }

  func text(_ place: Int, _ fallback: String) throws(JinjaError) -> Text {
    self[place] == nil ? Text(fallback) : try text(place)
  }

  func isTrue(_ place: Int, _ fallback: Bool = false) -> Bool { self[place]?.isTrue ?? fallback }
}
