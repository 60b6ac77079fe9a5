/// Writes one JSON text on one line without spaces; commas come by themselves, keys keep their order.
///
/// The caller closes what it opens, and writes a key before each value of an object.
public struct JSONWriter: Sendable {
  /// How numbers that JSON does not have are written.
  public enum NonFinite: Sendable {
    /// As `null`, which every reader accepts.
    case null
    /// As `NaN`, `Infinity` and `-Infinity`, as Python does.
    case spelled
  }

  /// What was written so far, in UTF-8.
  public private(set) var bytes: [UInt8] = []
  private let nonFinite: NonFinite
  /// Whether a value stands where the next one would, so that a comma must come between.
  private var followsValue = false

  /// Starts a text.
  public init(nonFinite: NonFinite = .null) {
    self.nonFinite = nonFinite
  }

  /// What was written so far.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// Starts an array or an object with its bracket.
  private mutating func open(_ bracket: Unicode.Scalar) {
    separate()
    bytes.append(UInt8(ascii: bracket))
    followsValue = false
  }

  private mutating func close(_ bracket: Unicode.Scalar) {
    bytes.append(UInt8(ascii: bracket))
    followsValue = true
  }

  private mutating func separate() {
    if followsValue { bytes.append(UInt8(ascii: ",")) }
    followsValue = true
  }

  /// Writes an array whose elements `body` writes.
  public mutating func array(_ body: (inout JSONWriter) -> Void) {
    open("[")
    body(&self)
    close("]")
  }

  /// Writes an object whose keys and values `body` writes.
  public mutating func object(_ body: (inout JSONWriter) -> Void) {
    open("{")
    body(&self)
    close("}")
  }

  /// Writes the key of the value that comes next.
  public mutating func key(_ key: String) {
    string(key)
    bytes.append(UInt8(ascii: ":"))
    followsValue = false
  }

  /// Writes null.
  public mutating func null() {
    separate()
    bytes += "null".utf8
  }

  /// Writes a boolean.
  public mutating func bool(_ value: Bool) {
    separate()
    bytes += (value ? "true" : "false").utf8
  }

  /// Writes an integer.
  public mutating func int(_ value: Int) {
    separate()
    bytes += "\(value)".utf8
  }

  /// Writes an integer of any length that decimal digits spell.
  public mutating func integer(digits: String) {
    separate()
    bytes += digits.utf8
  }

  /// Writes the shortest number that is read back as `value`.
  public mutating func double(_ value: Double) {
    separate()
    if value.isFinite {
      bytes += "\(value)".utf8
    } else if nonFinite == .null {
      bytes += "null".utf8
    } else {
      bytes += (value.isNaN ? "NaN" : value < 0 ? "-Infinity" : "Infinity").utf8
    }
  }

  /// Writes a string.
  public mutating func string(_ value: String) {
    separate()
    bytes.append(UInt8(ascii: "\""))
    for byte in value.utf8 {
      if JSONEscape.isNeeded(for: byte) {
        bytes += JSONEscape.spelling(of: Unicode.Scalar(byte)).utf8
      } else {
        bytes.append(byte)
      }
    }
    bytes.append(UInt8(ascii: "\""))
  }

  /// Writes a value that was read, as it was spelled.
  public mutating func value(_ value: JSONValue) {
    separate()
    bytes += value.source
  }
}
