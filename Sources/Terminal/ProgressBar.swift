/// A progress bar as text.
public enum ProgressBar {
  /// One line of at most `columns - 1` columns, such as `smollm  42% [########------------] packing weights`.
  public static func line(title: String, fraction: Double, stage: String, columns: Int) -> String {
    let share = fraction.isNaN ? 0 : min(max(fraction, 0), 1)
    let percent = String(Int(share * 100))
    let head = title + String(repeating: " ", count: 5 - percent.count) + percent + "% "
    let room = max(0, columns - 1 - DisplayWidth.of(head) - 3 - DisplayWidth.of(stage))
    let width = min(Limits.barColumns, room)
    let filled = Int(share * Double(width))
    let bar =
      width < 4
      ? ""
      : "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "] "
    return clipped(head + bar + stage, to: max(0, columns - 1))
  }

  static func clipped(_ text: String, to columns: Int) -> String {
    var result = ""
    var used = 0
    for character in text {
      used += DisplayWidth.of(character)
      if used > columns { break }
      result.append(character)
    }
    return result
  }
}

/// Shows progress: on a terminal a bar that is redrawn in place, elsewhere a line for each stage.
public struct ProgressDisplay: Sendable {
  private let descriptor: Int32
  private let title: String
  private let drawn: Bool
  private var last = ""
  private var visible = false

  /// A display on a descriptor, which shows nothing yet.
  public init(title: String, descriptor: Int32) {
    self.title = SafeText.oneLine(title)
    self.descriptor = descriptor
    drawn = isTerminal(descriptor)
  }

  /// Shows a fraction from 0 to 1, the current stage and, on a terminal, what changes within it.
  public mutating func show(fraction: Double, stage: String, detail: String = "") {
    let stage = SafeText.oneLine(stage)
    if drawn {
      let columns = TerminalSize(of: descriptor).columns
      let text = detail.isEmpty ? stage : "\(stage), \(SafeText.oneLine(detail))"
      let line = ProgressBar.line(title: title, fraction: fraction, stage: text, columns: columns)
      guard line != last else { return }
      last = line
      visible = true
      _ = writeAll("\r" + line + "\u{1B}[K", to: descriptor)
    } else if stage != last {
      last = stage
      _ = writeAll("\(title): \(stage)\n", to: descriptor)
    }
  }

  /// Removes the bar from the screen.
  public mutating func clear() {
    guard visible else { return }
    visible = false
    last = ""
    _ = writeAll("\r\u{1B}[K", to: descriptor)
  }
}
