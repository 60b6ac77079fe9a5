/// A line being edited, without input and output: each key changes it and returns what the reader must do.
public struct LineEditor: Sendable {
  /// What the reader must do after a key.
  public enum Action: Sendable, Equatable {
    /// Nothing changed.
    case none
    /// The text or the cursor changed.
    case redraw
    /// The key has no effect here.
    case bell
    /// The line is complete.
    case submit(String)
    /// Control-C.
    case interrupt
    /// Control-D in an empty line.
    case endOfInput
    /// Clear the screen and redraw the line.
    case clearScreen
    /// Stop the program, as Control-Z does.
    case suspend
  }

  /// The text before the cursor.
  public private(set) var before = ""
  /// The text after the cursor.
  public private(set) var after = ""
  /// `before` and `after` together.
  public var text: String { before + after }

  private let history: [String]
  /// Index of the shown history line; `history.count` is the line being typed.
  private var position: Int
  private var draft = ""
  private var killed = ""

  /// An empty line; `history` holds the lines that the up key recalls, oldest first.
  public init(history: [String] = []) {
    self.history = history
    position = history.count
  }

  /// Applies a key.
  public mutating func handle(_ key: Key) -> Action {
    switch key {
    case .scalar(let scalar): insert(String(scalar))
    case .paste(let text): insert(text)
    case .newline: insert("\n")
    case .tab: insert("\t")
    case .enter: .submit(text)
    case .interrupt: .interrupt
    case .clearScreen: .clearScreen
    case .suspend: .suspend
    case .endOfFile: before.isEmpty && after.isEmpty ? .endOfInput : deleteRight(1, keep: false)
    case .left: moveLeft(1)
    case .right: moveRight(1)
    case .home: moveLeft(lineBefore)
    case .end: moveRight(lineAfter)
    case .wordLeft: moveLeft(wordBefore)
    case .wordRight: moveRight(wordAfter)
    case .up: recall(position - 1)
    case .down: recall(position + 1)
    case .backspace: deleteLeft(1, keep: false)
    case .delete: deleteRight(1, keep: false)
    case .killToStart: deleteLeft(lineBefore, keep: true)
    case .killToEnd: deleteRight(max(lineAfter, after.first == "\n" ? 1 : 0), keep: true)
    case .killWordLeft: deleteLeft(wordBefore, keep: true)
    case .killWordRight: deleteRight(wordAfter, keep: true)
    case .yank: insert(killed)
    case .transpose: transpose()
    }
  }

  private mutating func insert(_ text: String) -> Action {
    guard !text.isEmpty else { return .none }
    guard before.utf8.count + after.utf8.count + text.utf8.count <= Limits.lineBytes else { return .bell }
    before += text
    // A combining scalar may have joined the character after the cursor, which then moves before it.
    if let last = before.last, let first = after.first, String([last, first]).count == 1 {
      before.append(after.removeFirst())
    }
    return .redraw
  }

  private mutating func moveLeft(_ count: Int) -> Action {
    guard count > 0, !before.isEmpty else { return .none }
    after = String(before.suffix(count)) + after
    before.removeLast(min(count, before.count))
    return .redraw
  }

  private mutating func moveRight(_ count: Int) -> Action {
    guard count > 0, !after.isEmpty else { return .none }
    before += after.prefix(count)
    after.removeFirst(min(count, after.count))
    return .redraw
  }

  private mutating func deleteLeft(_ count: Int, keep: Bool) -> Action {
    guard count > 0, !before.isEmpty else { return .none }
    if keep { killed = String(before.suffix(count)) }
    before.removeLast(min(count, before.count))
    return .redraw
  }

  private mutating func deleteRight(_ count: Int, keep: Bool) -> Action {
    guard count > 0, !after.isEmpty else { return .none }
    if keep { killed = String(after.prefix(count)) }
    after.removeFirst(min(count, after.count))
    return .redraw
  }

  private mutating func transpose() -> Action {
    if after.isEmpty { _ = moveLeft(1) }
    guard let left = before.popLast(), let right = after.first else { return .bell }
    after.removeFirst()
    before.append(right)
    before.append(left)
    return .redraw
  }

  private mutating func recall(_ next: Int) -> Action {
    guard (0...history.count).contains(next) else { return .bell }
    if position == history.count { draft = text }
    position = next
    before = next == history.count ? draft : history[next]
    after = ""
    return .redraw
  }

  // Distances in graphemes from the cursor.

  private var lineBefore: Int { before.reversed().prefix { $0 != "\n" }.count }
  private var lineAfter: Int { after.prefix { $0 != "\n" }.count }
  private var wordBefore: Int {
    let blanks = before.reversed().prefix { $0.isWhitespace }.count
    return blanks + before.dropLast(blanks).reversed().prefix { !$0.isWhitespace }.count
  }
  private var wordAfter: Int {
    let blanks = after.prefix { $0.isWhitespace }.count
    return blanks + after.dropFirst(blanks).prefix { !$0.isWhitespace }.count
  }
}
