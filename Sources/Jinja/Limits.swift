/// What one template may use: templates come out of downloaded files, so everything that they can grow has a bound.
public struct Limits: Sendable, Equatable {
  /// The longest template source, in UTF-8 bytes.
  public var sourceBytes = 256 << 10
  /// How deep blocks and expressions may nest in the source, and values may nest in each other.
  public var nesting = 128
  /// The most operators, filters, calls and look-ups of one tag.
  public var operators = 1000
  /// How deep macros, callers and recursive loops may call each other.
  public var macroDepth = 64
  /// The longest `range()`.
  public var rangeItems = 100_000
  /// The longest rendered text, in UTF-8 bytes.
  public var outputBytes = 32 << 20
  /// The longest string that an expression may make, in UTF-8 bytes.
  public var stringBytes = 32 << 20
  /// The longest list that an expression may make.
  public var listItems = 500_000
  /// The most memory that values made by the template may hold at one time, in bytes.
  public var liveBytes = 128 << 20
  /// The longest that the rendering of an empty conversation may compute, in milliseconds of its thread's processor time.
  public var milliseconds = 500
  /// How much longer each item of the context's lists, such as a message, may make that.
  public var millisecondsPerItem = 1
  /// The longest that any rendering may compute.
  public var longestMilliseconds = 10_000
  /// The most stack that a rendering may use below its entry, in bytes; fits a thread of 512 KiB.
  public var stackBytes = 288 << 10

  /// The limits for a template that nobody has vouched for.
  public static let `default` = Limits()

  /// The longest that a rendering of a context may compute, in milliseconds.
  func milliseconds(for context: [String: Value]) -> Int {
    var items = 0
    for case .list(let values) in context.values { items += min(values.count, longestMilliseconds) }
    let (allowance, overflow) = items.multipliedReportingOverflow(by: millisecondsPerItem)
    return overflow
      ? longestMilliseconds : min(milliseconds + allowance, max(longestMilliseconds, milliseconds))
  }

  /// Makes limits that can then be changed one by one.
  public init() {}
}
