/// The differences of two texts, line by line, in the manner of `diff -u`.
struct LineDifference {
  /// A line of both texts, or of one.
  private enum Line {
    case both(Substring)
    case old(Substring)
    case new(Substring)
  }

  /// Lines shown around a change.
  private static let context = 3
  private let lines: [Line]

  /// Compares the lines of an old and a new text.
  init(_ old: [Substring], _ new: [Substring]) {
    let changes = new.difference(from: old)
    var removed: Set<Int> = []
    var inserted: Set<Int> = []
    for change in changes {
      switch change {
      case .remove(let offset, _, _): removed.insert(offset)
      case .insert(let offset, _, _): inserted.insert(offset)
      }
    }
    var lines: [Line] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if removed.contains(left) {
        lines.append(.old(old[left]))
        left += 1
      } else if inserted.contains(right) {
        lines.append(.new(new[right]))
        right += 1
      } else {
        lines.append(.both(old[left]))
        left += 1
        right += 1
      }
    }
    self.lines = lines
  }

  /// Whether every line is the same.
  var isEmpty: Bool { changed.isEmpty }

  /// The changed lines with their context; `@@` stands between groups.
  var text: String {
    let shown = Set(changed.flatMap { max(0, $0 - Self.context)...min(lines.count - 1, $0 + Self.context) })
    var text = ""
    var last = -1
    for index in shown.sorted() {
      if index != last + 1 { text += "@@\n" }
      last = index
      switch lines[index] {
      case .both(let line): text += " \(line)\n"
      case .old(let line): text += "-\(line)\n"
      case .new(let line): text += "+\(line)\n"
      }
    }
    return text
  }

  private var changed: [Int] {
    lines.indices.filter {
      if case .both = lines[$0] { false } else { true }
    }
  }
}
