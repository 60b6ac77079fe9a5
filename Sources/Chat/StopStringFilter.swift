/// Watches streamed text for strings that end it, and holds back only what may still become one.
///
/// An automaton over bytes (Aho and Corasick, 1975): linear in the text however the strings overlap. The string that
/// ends first wins; among those that end together, the longest.
public struct StopStringFilter: Sendable {
  /// What one piece of text led to.
  public struct Result: Sendable, Equatable {
    /// Text that can be shown now; never part of a stop string.
    public let text: String
    /// The stop string that was found, after which nothing more comes.
    public let matched: String?
  }

  private struct Node: Sendable {
    var children: [(byte: UInt8, node: Int)] = []
    var failure = 0
    /// How many bytes lead here: what is held back in this state.
    var depth = 0
    /// The longest stop string that ends here.
    var match: Int?

    func child(_ byte: UInt8) -> Int? { children.first { $0.byte == byte }?.node }
  }

  private let strings: [String]
  private var nodes: [Node] = [Node()]
  private var state = 0
  private var held: [UInt8] = []
  private var isDone = false

  /// Refuses lists that a filter should not be made of.
  public static func check(_ strings: [String]) throws(ChatError) {
    guard strings.count <= Limits.stopStrings else {
      throw .stopStrings("\(strings.count) given, at most \(Limits.stopStrings) are allowed")
    }
    for string in strings {
      guard !string.isEmpty else { throw .stopStrings("a stop string must not be empty") }
      guard string.utf8.count <= Limits.stopStringBytes else {
        throw .stopStrings("a stop string is longer than \(Limits.stopStringBytes) bytes")
      }
    }
  }

  /// Makes a filter; empty strings are left out.
  public init(_ strings: [String]) {
    self.strings = strings
    for (index, string) in strings.enumerated() where !string.isEmpty { insert(string, index) }
    link()
  }

  private mutating func insert(_ string: String, _ index: Int) {
    var at = 0
    for byte in string.utf8 {
      if let next = nodes[at].child(byte) {
        at = next
      } else {
        nodes.append(Node(depth: nodes[at].depth + 1))
        nodes[at].children.append((byte, nodes.count - 1))
        at = nodes.count - 1
      }
    }
    if nodes[at].match == nil { nodes[at].match = index }
  }

  /// Links each state to that of its longest proper suffix, breadth first.
  private mutating func link() {
    var queue = nodes[0].children.map(\.node)
    var next = 0
    while next < queue.count {
      let node = queue[next]
      next += 1
      for (byte, child) in nodes[node].children {
        nodes[child].failure = step(nodes[node].failure, byte)
        if nodes[child].match == nil { nodes[child].match = nodes[nodes[child].failure].match }
        queue.append(child)
      }
    }
  }

  private func step(_ start: Int, _ byte: UInt8) -> Int {
    var at = start
    while true {
      if let next = nodes[at].child(byte) { return next }
      if at == 0 { return 0 }
      at = nodes[at].failure
    }
  }

  /// Takes the next piece of text, in whole code points.
  public mutating func push(_ text: String) -> Result {
    guard !isDone else { return Result(text: "", matched: nil) }
    guard nodes.count > 1 else { return Result(text: text, matched: nil) }
    for byte in text.utf8 {
      held.append(byte)
      state = step(state, byte)
      guard let match = nodes[state].match else { continue }
      isDone = true
      let shown = held.dropLast(strings[match].utf8.count)
      defer { held = [] }
      return Result(text: String(decoding: shown, as: UTF8.self), matched: strings[match])
    }
    let keep = nodes[state].depth
    let shown = String(decoding: held.dropLast(keep), as: UTF8.self)
    held.removeFirst(held.count - keep)
    return Result(text: shown, matched: nil)
  }

  /// Ends the text; gives what was held back.
  public mutating func finish() -> String {
    isDone = true
    defer { held = [] }
    return String(decoding: held, as: UTF8.self)
  }
}
