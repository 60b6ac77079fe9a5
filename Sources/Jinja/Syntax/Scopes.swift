/// Gives each variable of a template a slot while it is parsed.
///
/// A name belongs to the scope that assigns it, wherever in that scope; a mention looks in the scopes around it, then in
/// the context. That is what jinja2's compiler does when it turns names into Python locals.
struct Scopes {
  /// Variables that live and die together; several share the slots of one function.
  private final class Scope {
    let id: Int
    let parent: Scope?
    let function: Function
    var stores: [String: Int] = [:]
    /// From which mention on a name certainly has a value in this scope.
    var settled: [String: Int] = [:]

    init(id: Int, parent: Scope?, function: Function) {
      self.id = id
      self.parent = parent
      self.function = function
    }
  }

  /// What gets a frame of its own when it runs: the template, a macro, a recursive loop.
  private final class Function {
    let id: Int
    let depth: Int
    var slots = 0
    /// Of `caller`, `varargs` and `kwargs`, those that the body mentions.
    var specials: Set<String> = []
    let isMacro: Bool

    init(id: Int, depth: Int, isMacro: Bool) {
      self.id = id
      self.depth = depth
      self.isMacro = isMacro
    }
  }

  private struct Mention {
    let name: String
    let at: Int
    let scope: Scope
  }

  private var scopes: [Scope]
  private var functions: [Function]
  private var current: Scope
  private var mentions: [Mention] = []
  /// Whether what is parsed now may be left out when its scope runs.
  var isConditional = false

  init() {
    let function = Function(id: 0, depth: 0, isMacro: false)
    current = Scope(id: 0, parent: nil, function: function)
    scopes = [current]
    functions = [function]
  }

  /// Opens a scope in the current function.
  mutating func enter() -> Int {
    let scope = Scope(id: scopes.count, parent: current, function: current.function)
    scopes.append(scope)
    current = scope
    return scope.id
  }

  /// Opens a scope that has a frame of its own; gives the scope and the function.
  mutating func enterFunction(isMacro: Bool) -> (scope: Int, function: Int) {
    let function = Function(id: functions.count, depth: current.function.depth + 1, isMacro: isMacro)
    functions.append(function)
    let scope = Scope(id: scopes.count, parent: current, function: function)
    scopes.append(scope)
    current = scope
    return (scope.id, function.id)
  }

  /// Goes back to the scope around the current one.
  mutating func leave() {
    if let parent = current.parent { current = parent }
  }

  /// Notes that the names of a target have values from here on, unless an `if` guards the assignment.
  mutating func settle(_ target: Target) {
    guard !isConditional else { return }
    switch target {
    case .slot(let slot):
      guard let name = current.stores.first(where: { $0.value == slot })?.key else { return }
      current.settled[name] = min(current.settled[name] ?? mentions.count, mentions.count)
    case .tuple(let targets):
      for target in targets { settle(target) }
    case .namespace: break
    }
  }

  /// The slot of a variable that the current scope assigns.
  ///
  /// - Parameter isSettled: Whether the variable has a value from here on; otherwise `settle` says so.
  mutating func store(_ name: String, isSettled: Bool = true) -> Int {
    if isSettled, !isConditional {
      current.settled[name] = min(current.settled[name] ?? mentions.count, mentions.count)
    }
    if let slot = current.stores[name] { return slot }
    let slot = current.function.slots
    current.function.slots += 1
    current.stores[name] = slot
    return slot
  }

  /// The slot of a name if the current scope assigns it.
  func slot(of name: String) -> Int? { current.stores[name] }

  /// Notes a mention; gives its index in the references.
  mutating func mention(_ name: String, at: Int) -> Int {
    mentions.append(Mention(name: name, at: at, scope: current))
    if Self.specials.contains(name), let macro = nearestMacro() { macro.specials.insert(name) }
    return mentions.count - 1
  }

  /// Whether the current macro mentions `caller`, `varargs` or `kwargs`.
  func isSpecialUsed(_ name: String) -> Bool { current.function.specials.contains(name) }

  /// Whether the current scope or one inside it mentioned a name since the given number of mentions.
  func isMentioned(_ name: String, since: Int) -> Bool {
    mentions[since...].contains { $0.name == name }
  }

  var mentionCount: Int { mentions.count }

  private static let specials: Set<String> = ["caller", "varargs", "kwargs"]

  private func nearestMacro() -> Function? {
    var scope: Scope? = current
    while let candidate = scope, !candidate.function.isMacro { scope = candidate.parent }
    return scope?.function
  }

  /// Every mention with the places where it may be found, the slots by scope, the sizes of the frames, and the names that
  /// the context may have to give.
  func resolve() -> (
    references: [Reference], scopes: [[Int]], functions: [Int], globals: [String], variables: Set<String>
  ) {
    var globals: [String: Int] = [:]
    var names: [String] = []
    var variables: Set<String> = []
    let references = mentions.enumerated().map { index, mention in
      var places: [Reference.Place] = []
      var isSettled = false
      var scope: Scope? = mention.scope
      while let candidate = scope {
        if let slot = candidate.stores[mention.name] {
          let hops = mention.scope.function.depth - candidate.function.depth
          places.append(Reference.Place(hops: hops, slot: slot))
          if let start = candidate.settled[mention.name], start <= index { isSettled = true }
        }
        scope = candidate.parent
      }
      if !isSettled { variables.insert(mention.name) }
      let global = globals[mention.name] ?? names.count
      if global == names.count {
        globals[mention.name] = global
        names.append(mention.name)
      }
      return Reference(name: mention.name, at: mention.at, places: places, global: global)
    }
    return (references, scopes.map { $0.stores.values.sorted() }, functions.map(\.slots), names, variables)
  }
}
