/// The methods of Python's strings.
enum StringMethod: String, Sendable {
  case capitalize, casefold, center, count, endswith, expandtabs, find, format
  case formatMap = "format_map"
  case index, isalnum, isalpha, isascii, isdecimal, isdigit, isidentifier, islower, isnumeric, isprintable
  case isspace, istitle, isupper, join, ljust, lower, lstrip, partition, removeprefix, removesuffix, replace
  case rfind, rindex, rjust, rpartition, rsplit, rstrip, split, splitlines, startswith, strip, swapcase, title
  case upper, zfill
}

/// The methods of Python's mappings that change nothing.
enum DictMethod: String, Sendable {
  case copy, get, items, keys, values
}

/// The methods of lists and tuples that change nothing, and those of numbers.
enum ValueMethod: String, Sendable {
  case copy, count, index
  case isInteger = "is_integer"
  case bitLength = "bit_length"
}

/// A method of a built-in type.
enum Method {
  case string(StringMethod)
  case dict(DictMethod)
  case value(ValueMethod)

  /// The method of that name that a value has.
  init?(_ name: AttributeName, of value: Object) {
    switch value {
    case .string:
      guard let method = name.stringMethod else { return nil }
      self = .string(method)
    case .dict:
      guard let method = name.dictMethod else { return nil }
      self = .dict(method)
    case .list, .tuple, .int, .float, .bool:
      if let method = name.valueMethod, method.belongs(to: value) {
        self = .value(method)
      } else if case .list(let list) = value, list.isContent, let method = name.stringMethod {
        self = .string(method)
      } else {
        return nil
      }
    default: return nil
    }
  }

  func call(_ interpreter: Interpreter, _ receiver: Object, _ arguments: Arguments) throws(JinjaError)
    -> Object
  {
    switch (self, receiver) {
    case (.string(let method), .string(let text)): try interpreter.call(method, on: text, arguments)
    case (.string(let method), .list(let list)):
      try interpreter.call(method, on: try interpreter.text(ofContent: list), arguments)
    case (.dict(let method), .dict(let dict)): try interpreter.call(method, on: dict, arguments)
    case (.value(let method), _): try interpreter.call(method, on: receiver, arguments)
    default: throw JinjaError(.type, "the method does not belong to '\(receiver.typeName)'")
    }
  }
}

extension ValueMethod {
  func belongs(to value: Object) -> Bool {
    switch (self, value) {
    case (.copy, .list), (.count, .list), (.count, .tuple), (.index, .list), (.index, .tuple): true
    case (.isInteger, .float), (.bitLength, .int), (.bitLength, .bool): true
    default: false
    }
  }
}

extension Interpreter {
  func call(_ method: DictMethod, on dict: DictObject, _ arguments: Arguments) throws(JinjaError) -> Object {
    if method != .get, !arguments.isEmpty {
      throw JinjaError(.type, "\(method.rawValue)() takes no arguments")
    }
    switch method {
    case .get:
      guard arguments.named.isEmpty else { throw JinjaError(.type, "get() takes no keyword arguments") }
      let bound = try arguments.bind("get", ["key", "default"], required: 1)
      return try dict.get(bound[0] ?? .none) ?? bound[1] ?? .none
    case .copy: return .dict(dict)
    case .keys: return .iterable(IterableObject(.keys, dict.keys))
    case .values: return .iterable(IterableObject(.values, dict.values))
    case .items:
      return .iterable(IterableObject(.items, zip(dict.keys, dict.values).map { .tuple([$0, $1]) }))
    }
  }

  func call(_ method: ValueMethod, on value: Object, _ arguments: Arguments) throws(JinjaError) -> Object {
    switch (method, value) {
    case (.copy, _): return value
    case (.isInteger, .float(let number)): return .bool(number.isFinite && number == number.rounded())
    case (.bitLength, _):
      return .int(Int.bitWidth - (value.integer ?? 0).magnitude.leadingZeroBitCount)
    case (.count, .list(let list)), (.count, .tuple(let list)):
      let wanted = try arguments.bind("count", ["value"], required: 1)[0] ?? .none
      var count = 0
      for item in list.items where try equal(item, wanted) { count += 1 }
      try charge(items: list.items.count)
      return .int(count)
    case (.index, .list(let list)), (.index, .tuple(let list)):
      let bound = try arguments.bind("index", ["value", "start", "stop"], required: 1)
      let wanted = bound[0] ?? .none
      let start = bound[1] == nil ? nil : try bound.int(1, 0)
      let stop = bound[2] == nil ? nil : try bound.int(2, 0)
      for place in try Slice(start: start, stop: stop).offsets(count: list.items.count) {
        try tick()
        if try equal(list.items[place], wanted) { return .int(place) }
      }
      throw JinjaError(.value, "the value is not in the list")
    default: throw JinjaError(.type, "the method does not belong to '\(value.typeName)'")
    }
  }
}
