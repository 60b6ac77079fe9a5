import Foundation

/// What may differ between the output in a document and that of a run; everything else must be the same.
enum OutputRule: String, CaseIterable {
  /// How long something took: `0.25 s`, `1 min 30 s`, `0.6 us`.
  case time
  /// How fast something was: `99.3 tokens/s`.
  case speed
  /// The process of the daemon, or of a model's worker in the table of `ps`.
  case process
  /// The memory that the daemon takes.
  case memory
  /// The instruction set of this processor.
  case processor
  /// The home folder, which is `/home/you` in the document.
  case home
  /// The width of columns, which follows from the other rules.
  case alignment

  /// A line in which everything that this rule lets differ has a fixed text.
  func apply(to line: String, home: String) -> String {
    let number = #"\d+(\.\d+)?"#
    return switch self {
    case .time: replace(line, #"\b(\#(number) (d|h|min|s|us)\b ?)+(?!/)"#, "TIME ")
    case .speed: replace(line, #"\b\#(number) tokens/s"#, "SPEED")
    case .process:
      replace(
        replace(line, #"^pid +\d+"#, "pid PID"), #"^(\S+ +(?:ready|loading|down) .* )\d+( +\d+)$"#, "$1PID$2")
    case .memory: replace(line, #"^memory +\#(number) [KMG]iB"#, "memory SIZE")
    case .processor: replace(line, #"^kernels +\w+"#, "kernels LEVEL")
    case .home: line.replacing(home, with: "/home/you")
    case .alignment: replace(line, #" +"#, " ").trimmingCharacters(in: .whitespaces)
    }
  }

  /// A line after every rule.
  static func applyAll(to line: String, home: String) -> String {
    allCases.reduce(line) { $1.apply(to: $0, home: home) }
  }

  /// Whether two lines, to which the rules were applied, are the same.
  ///
  /// With `rounding`, for the tables of `workbench explain`, fractions may differ by 2 in their last digit: kernels of
  /// different processors add in different orders.
  static func same(_ first: String, _ second: String, rounding: Bool) -> Bool {
    if first == second { return true }
    let (left, right) = (first.split(separator: " "), second.split(separator: " "))
    return rounding && left.count == right.count && zip(left, right).allSatisfy { $0 == $1 || near($0, $1) }
  }

  private static func near(_ first: Substring, _ second: Substring) -> Bool {
    func digits(_ word: Substring) -> (value: Int, places: Int)? {
      let number = word.hasSuffix("%") ? word.dropLast() : word
      let parts = number.split(separator: ".", omittingEmptySubsequences: false)
      guard parts.count == 2, let value = Int(parts[0] + parts[1]) else { return nil }
      return (value, parts[1].count)
    }
    guard let left = digits(first), let right = digits(second) else { return false }
    return left.places == right.places && first.hasSuffix("%") == second.hasSuffix("%")
      && abs(left.value - right.value) <= 2
  }

  private func replace(_ text: String, _ pattern: String, _ template: String) -> String {
    text.replacingOccurrences(of: pattern, with: template, options: .regularExpression)
  }
}
