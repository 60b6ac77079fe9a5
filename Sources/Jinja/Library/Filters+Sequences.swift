extension Filters {
  static let sequences: [String: Function] = [
    "length": { (run, value, arguments) throws(JinjaError) in .int(try length(value)) },
    "count": { (run, value, arguments) throws(JinjaError) in .int(try length(value)) },
    "first": { (run, value, arguments) throws(JinjaError) in
      if case .iterable(let iterable) = value, iterable.isOnce {
        return iterable.next() ?? .undefined(Undefined("No first item, sequence was empty."))
      }
      return try run.iterate(value).first ?? .undefined(Undefined("No first item, sequence was empty."))
    },
    "last": { (run, value, arguments) throws(JinjaError) in
      if case .iterable(let iterable) = value, iterable.isOnce {
        throw JinjaError(.type, "'\(iterable.kind.rawValue)' object is not reversible")
      }
      return try run.iterate(value).last ?? .undefined(Undefined("No last item, sequence was empty."))
    },
    "list": { (run, value, arguments) throws(JinjaError) in .list(try run.iterate(value)) },
    "join": { (run, value, arguments) throws(JinjaError) in try join(run, value, arguments) },
    "reverse": { (run, value, arguments) throws(JinjaError) in try reverse(run, value) },
    "sort": { (run, value, arguments) throws(JinjaError) in try sort(run, value, arguments) },
    "dictsort": { (run, value, arguments) throws(JinjaError) in try dictSort(run, value, arguments) },
    "items": { (run, value, arguments) throws(JinjaError) in
      switch value {
      case .undefined: return .generator([])
      case .dict(let dict): return .generator(zip(dict.keys, dict.values).map { .tuple([$0, $1]) })
      default: throw JinjaError(.type, "Can only get item pairs from a mapping.")
      }
    },
    "unique": { (run, value, arguments) throws(JinjaError) in try unique(run, value, arguments) },
    "min": { (run, value, arguments) throws(JinjaError) in
      try extreme(run, value, arguments, "min") { (new, best) throws(JinjaError) in try run.isLess(new, best)
      }
    },
    "max": { (run, value, arguments) throws(JinjaError) in
      try extreme(run, value, arguments, "max") { (new, best) throws(JinjaError) in try run.isLess(best, new)
      }
    },
    "sum": { (run, value, arguments) throws(JinjaError) in
      let bound = try arguments.bind("sum", ["attribute", "start"])
      var total = bound[1] ?? .int(0)
      if case .string = total {
        throw JinjaError(.type, "sum() can't sum strings [use ''.join(seq) instead]")
      }
      for item in try run.iterate(value) {
        try run.tick()
        total = try run.adopt(try run.binary(.add, total, try run.follow(bound.given(0), from: item)))
      }
      return total
    },
    "random": { (run, value, arguments) throws(JinjaError) in
      guard let item = try run.iterate(value).randomElement() else {
        return .undefined(Undefined("No random item, sequence was empty."))
      }
      return item
    },
    "batch": { (run, value, arguments) throws(JinjaError) in try batch(run, value, arguments) },
    "slice": { (run, value, arguments) throws(JinjaError) in try slice(run, value, arguments) },
    "groupby": { (run, value, arguments) throws(JinjaError) in try groupBy(run, value, arguments) },
    "map": { (run, value, arguments) throws(JinjaError) in try map(run, value, arguments) },
    "select": { (run, value, arguments) throws(JinjaError) in
      try choose(run, value, arguments, byAttribute: false, keeps: true)
    },
    "reject": { (run, value, arguments) throws(JinjaError) in
      try choose(run, value, arguments, byAttribute: false, keeps: false)
    },
    "selectattr": { (run, value, arguments) throws(JinjaError) in
      try choose(run, value, arguments, byAttribute: true, keeps: true)
    },
    "rejectattr": { (run, value, arguments) throws(JinjaError) in
      try choose(run, value, arguments, byAttribute: true, keeps: false)
    },
    "attr": { (run, value, arguments) throws(JinjaError) in
      let name = try arguments.bind("attr", ["name"], required: 1).text(0)
      if case .dict = value {
        // `attr` looks at Python's attributes only, never at keys.
        let known = AttributeName(name)
        if let found = run.builtIn(of: value, known) { return found }
        return .undefined(Undefined(.attribute(name.string, of: "dict")))
      }
      return try run.attribute(of: value, AttributeName(name))
    },
    "default": { (run, value, arguments) throws(JinjaError) in try fallback(value, arguments) },
    "d": { (run, value, arguments) throws(JinjaError) in try fallback(value, arguments) },
  ]

  private static func fallback(_ value: Object, _ arguments: Arguments) throws(JinjaError) -> Object {
    let bound = try arguments.bind("default", ["default_value", "boolean"])
    let isMissing = if case .undefined = value { true } else { false }
    return isMissing || (bound.isTrue(1) && !value.isTrue) ? bound[0] ?? .text("") : value
  }

  static func length(_ value: Object) throws(JinjaError) -> Int {
    switch value {
    case .undefined: return 0
    case .string(let text): return text.count
    case .list(let list), .tuple(let list): return list.count
    case .dict(let dict): return dict.count
    case .iterable(let iterable) where !iterable.isOnce: return iterable.peeked.count
    case .host(let host as LoopObject): return host.items.count
    default: throw JinjaError(.type, "object of type '\(value.typeName)' has no len()")
    }
  }

  private static func join(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("join", ["d", "attribute"])
    let separator = try run.soft(bound[0] ?? .text(""))
    var builder = TextBuilder()
    for (place, item) in (try run.iterate(value)).enumerated() {
      try run.tick()
      if place > 0 { builder.append(separator) }
      try run.print(try run.follow(bound.given(1), from: item), into: &builder)
      try run.checkLength(builder.count)
    }
    return .string(builder.text())
  }

  private static func reverse(_ run: Interpreter, _ value: Object) throws(JinjaError) -> Object {
    if case .string = value { return try run.slice(value, Slice(step: -1)) }
    return .iterable(IterableObject(.reversed, try run.iterate(value).reversed()))
  }

  private static func sort(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("sort", ["reverse", "case_sensitive", "attribute"])
    let items = try run.iterate(value)
    var paths: [Object] = []
    if let path = bound.given(2) {
      if case .string(let text) = path {
        try run.charge(items: text.size)
        paths = text.string.split(separator: ",", omittingEmptySubsequences: false).map { .text(String($0)) }
      } else {
        paths = [path]
      }
    }
    var keys: [Object] = []
    for item in items {
      try run.tick()
      if paths.isEmpty {
        keys.append(bound.isTrue(1) ? item : try run.foldCase(item))
        continue
      }
      var parts: [Object] = []
      for path in paths {
        let part = try run.follow(path, from: item)
        parts.append(bound.isTrue(1) ? part : try run.foldCase(part))
      }
      keys.append(.list(parts))
    }
    return .list(
      try run.sorted(Array(items.indices), by: keys, isReversed: bound.isTrue(0)).map { items[$0] })
  }

  private static func dictSort(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("dictsort", ["case_sensitive", "by", "reverse"])
    if case .undefined(let missing) = value { throw missing.error }
    guard case .dict(let dict) = value else { throw JinjaError(.type, "dictsort needs a mapping") }
    let by = try bound.text(1, "key").string
    guard by == "key" || by == "value" else {
      throw JinjaError(.value, "You can only sort by either \"key\" or \"value\"")
    }
    var keys: [Object] = []
    for key in by == "key" ? dict.keys : dict.values {
      keys.append(bound.isTrue(0) ? key : try run.foldCase(key))
    }
    let places = try run.sorted(Array(keys.indices), by: keys, isReversed: bound.isTrue(2))
    return .list(places.map { .tuple([dict.keys[$0], dict.values[$0]]) })
  }

  private static func unique(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("unique", ["case_sensitive", "attribute"])
    var seen: Set<Key> = []
    var kept: [Object] = []
    for item in try run.iterate(value) {
      try run.tick()
      let key = try run.follow(bound.given(1), from: item)
      if seen.insert(try Key(bound.isTrue(0) ? key : try run.foldCase(key))).inserted { kept.append(item) }
    }
    return .generator(kept)
  }

  private static func extreme(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments, _ name: String,
    _ isBetter: (Object, Object) throws(JinjaError) -> Bool
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind(name, ["case_sensitive", "attribute"])
    var best: (item: Object, key: Object)?
    for item in try run.iterate(value) {
      try run.tick()
      let found = try run.follow(bound.given(1), from: item)
      let key = bound.isTrue(0) ? found : try run.foldCase(found)
      if let known = best, !(try isBetter(key, known.key)) { continue }
      best = (item, key)
    }
    return best?.item ?? .undefined(Undefined("No aggregated item, sequence was empty."))
  }

  private static func batch(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("batch", ["linecount", "fill_with"], required: 1)
    let size = try bound.int(0, 1)
    let items = try run.iterate(value)
    // As in Python: a batch is given out when it has grown to the size, so a size below 1 never splits, and size 0
    // gives out the empty batch that it starts with.
    guard size >= 1 else {
      return .generator(items.isEmpty ? [] : size == 0 ? [.list([]), .list(items)] : [.list(items)])
    }
    var batches: [Object] = []
    var at = 0
    while at < items.count {
      let end = items.count - at > size ? at + size : items.count
      var batch = Array(items[at..<end])
      if let fill = bound.given(1), batch.count < size {
        try run.checkCount(size)
        batch += Array(repeating: fill, count: size - batch.count)
      }
      batches.append(.list(batch))
      at = end
    }
    return .generator(batches)
  }

  private static func slice(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("slice", ["slices", "fill_with"], required: 1)
    let items = try run.iterate(value)
    let count = try bound.int(0, 1)
    guard count != 0 else { throw Operators.zeroDivision }
    try run.checkCount(count)
    guard count > 0 else { return .generator([]) }
    let (size, extra) = items.count.quotientAndRemainder(dividingBy: count)
    var slices: [Object] = []
    var at = 0
    for number in 0..<count {
      let end = at + size + (number < extra ? 1 : 0)
      var slice = Array(items[at..<end])
      if let fill = bound.given(1), number >= extra { slice.append(fill) }
      slices.append(.list(slice))
      at = end
    }
    try run.charge(items: count)
    return .generator(slices)
  }

  private static func groupBy(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    let bound = try arguments.bind("groupby", ["attribute", "default", "case_sensitive"], required: 1)
    let items = try run.iterate(value)
    var names: [Object] = []
    var keys: [Object] = []
    for item in items {
      try run.tick()
      let name = try run.follow(bound[0], from: item, fallback: bound.given(1))
      names.append(name)
      keys.append(bound.isTrue(2) ? name : try run.foldCase(name))
    }
    let places = try run.sorted(Array(items.indices), by: keys)
    var groups: [(first: Int, items: [Object])] = []
    for place in places {
      if let last = groups.last, try run.equal(keys[last.first], keys[place]) {
        groups[groups.count - 1].items.append(items[place])
      } else {
        groups.append((place, [items[place]]))
      }
    }
    return .list(
      groups.map { .tuple(ListObject([names[$0.first], .list($0.items)], fields: ["grouper", "list"])) })
  }

  private static func map(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments
  ) throws(JinjaError) -> Object {
    // As in jinja2, nothing comes of nothing: `none | map(…)` is no error.
    guard value.isTrue else { return .generator([]) }
    var arguments = arguments
    var results: [Object] = []
    if arguments.positional.isEmpty, let path = arguments.take("attribute") {
      let fallback = arguments.take("default")
      if let extra = arguments.named.first {
        throw JinjaError(.type, "Unexpected keyword argument '\(extra.name)'")
      }
      for item in try run.iterate(value) {
        try run.tick()
        results.append(try run.follow(path, from: item, fallback: fallback))
      }
      return .generator(results)
    }
    guard !arguments.positional.isEmpty else { throw JinjaError(.type, "map requires a filter argument") }
    let name = try run.soft(arguments.positional.removeFirst()).string
    guard let function = table[name] else { throw JinjaError(.syntax, "no filter named '\(name)'") }
    for item in try run.iterate(value) {
      try run.tick()
      results.append(try run.adopt(try function(run, item, arguments)))
    }
    return .generator(results)
  }

  private static func choose(
    _ run: Interpreter, _ value: Object, _ arguments: Arguments, byAttribute: Bool, keeps: Bool
  ) throws(JinjaError) -> Object {
    guard value.isTrue else { return .generator([]) }
    var arguments = arguments
    var path: Object?
    if byAttribute {
      guard !arguments.positional.isEmpty else {
        throw JinjaError(.type, "Missing parameter for attribute name")
      }
      path = arguments.positional.removeFirst()
    }
    var check: Checks.Function?
    if !arguments.positional.isEmpty {
      let name = try run.soft(arguments.positional.removeFirst()).string
      check = Checks.table[name]
      guard check != nil else { throw JinjaError(.syntax, "no test named '\(name)'") }
    }
    var kept: [Object] = []
    for item in try run.iterate(value) {
      try run.tick()
      let subject = try run.follow(path, from: item)
      let passes =
        try check.map { (check) throws(JinjaError) in try check(run, subject, arguments) } ?? subject.isTrue
      if passes == keeps { kept.append(item) }
    }
    return .generator(kept)
  }
}
