/// What a reader accepts beyond RFC 8259, and how much of it; the defaults are strict.
public struct JSONOptions: Sendable, Equatable {
  /// Whether `NaN`, `Infinity` and `-Infinity` are numbers, as they are for Python's `json`.
  public var allowsNonFinite = false
  /// Whether an object with the same key twice is an error; otherwise the last value counts, as for Python's `json`.
  public var refusesDuplicateKeys = false
  /// How much a text may hold.
  public var limits = JSONLimits()

  /// RFC 8259 and nothing else.
  public init() {}

  /// What Python's `json.loads` accepts, except escapes of half a surrogate pair, which Swift's strings cannot hold.
  public static let python: JSONOptions = {
    var options = JSONOptions()
    options.allowsNonFinite = true
    return options
  }()
}

/// How much one JSON text may hold.
public struct JSONLimits: Sendable, Equatable {
  /// The longest text, in bytes; offsets are 32 bits wide, so 4 GiB at most.
  public var bytes = 1 << 28
  /// The deepest nesting: 1 is an array or object that holds neither.
  public var depth = 128
  /// The most values, keys included.
  public var values = 1 << 25

  /// 256 MiB, 128 deep, 33,554,432 values.
  public init() {}
}
