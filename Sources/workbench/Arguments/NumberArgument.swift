import ArgumentParser
import Units

/// Reads the numbers of options and settings; an error says which numbers there are.
enum NumberArgument {
  /// A count from 0.
  static func count(_ text: String) throws -> UInt32 {
    try whole(text, 0...UInt32.max)
  }

  /// A number of tokens to generate.
  static func tokens(_ text: String) throws -> UInt32 {
    try whole(text, 0...UInt32.max, "; without it, the answer ends by itself")
  }

  /// A seed.
  static func seed(_ text: String) throws -> UInt64 {
    try whole(text, 0...UInt64.max, "; without it, a new seed is drawn each time")
  }

  /// A number of candidates, where 0 and -1 are both "off": 0 is what the daemon gets.
  static func candidates(_ text: String) throws -> UInt32 {
    UInt32(max(0, try whole(text, -1...Int64(Int32.max))))
  }

  /// A number of recent tokens; -1 is all of them.
  static func recent(_ text: String) throws -> Int32 {
    try whole(text, -1...Int32.max)
  }

  /// A number with a fraction.
  static func decimal(_ text: String) throws -> Float {
    guard let value = Float(text) else { throw ValidationError("it must be a number, such as 0.7") }
    return value
  }

  /// A size in bytes.
  static func size(_ text: String) throws -> ByteSize {
    guard let size = ByteSize(argument: text) else {
      throw ValidationError("it must be a size such as 1048576, 512M or 2G")
    }
    return size
  }

  private static func whole<Value: FixedWidthInteger>(
    _ text: String, _ range: ClosedRange<Value>, _ advice: String = ""
  ) throws -> Value {
    guard let value = Value(text), range.contains(value) else {
      throw ValidationError(
        "it must be a whole number from \(range.lowerBound) to \(range.upperBound)\(advice)")
    }
    return value
  }
}
