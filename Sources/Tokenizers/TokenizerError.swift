/// Why a vocabulary was refused or a text could not be turned into tokens.
public enum TokenizerError: Error, Sendable, Equatable {
  /// The metadata lacks `key`, which this kind of tokenizer needs.
  case missing(key: String)
  /// The value of `key` has another type than `expected`.
  case wrongType(key: String, expected: String)
  /// The array of `key` must have as many elements as the vocabulary has pieces.
  case wrongCount(key: String, found: Int, expected: Int)
  /// One value of `key` is not usable; `index` is its place when the value is an array.
  case invalid(key: String, index: Int?, reason: String)
  /// The value of `key` is a name that we do not know.
  case unknownName(key: String, name: String, known: [String])
  /// Something is larger than the limit `name` of `Limits`.
  case limit(name: String, found: Int, maximum: Int)
  /// A splitting pattern that this module cannot compile.
  case pattern(String, offset: Int, reason: String)
  /// A byte of the text has no token, nor has the vocabulary one for the unknown.
  case unencodable(byte: UInt8, offset: Int)
  /// A file that is not there, cannot be read or is no tokenizer.
  case file(path: String, reason: String)
  /// The bytes of a file break its format at `offset`.
  case malformed(format: String, offset: Int, reason: String)
  /// The part `what` of a file has no meaning for this module; `known` are those that have.
  case unsupported(what: String, name: String, known: [String])
  /// A range for special tokens does not lie inside the text.
  case range(Range<Int>, textBytes: Int)
}

extension TokenizerError: CustomStringConvertible {
  /// One line: what, where, what would be right.
  public var description: String {
    switch self {
    case .missing(let key):
      "tokenizer: \(key) is missing"
    case .wrongType(let key, let expected):
      "tokenizer: \(key) must be \(expected)"
    case .wrongCount(let key, let found, let expected):
      "tokenizer: \(key) has \(found) elements, the vocabulary has \(expected) pieces"
    case .invalid(let key, let index, let reason):
      "tokenizer: \(key)\(index.map { "[\($0)]" } ?? "") \(reason)"
    case .unknownName(let key, let name, let known):
      "tokenizer: \(key) is \"\(name)\"; known: \(known.joined(separator: ", "))"
    case .limit(let name, let found, let maximum):
      "tokenizer: \(name) is \(found), the limit is \(maximum)"
    case .pattern(let pattern, let offset, let reason):
      "tokenizer: pattern \"\(pattern)\" at scalar \(offset): \(reason)"
    case .unencodable(let byte, let offset):
      "tokenizer: no token for byte \(byte) at offset \(offset), and no token for the unknown"
    case .file(let path, let reason):
      "tokenizer: \(path): \(reason)"
    case .malformed(let format, let offset, let reason):
      "tokenizer: \(format) at byte \(offset): \(reason)"
    case .unsupported(let what, let name, let known):
      "tokenizer: \(what) \"\(name)\" is not supported"
        + (known.isEmpty ? "" : "; known: \(known.joined(separator: ", "))")
    case .range(let range, let textBytes):
      "tokenizer: range \(range) for special tokens is outside the text of \(textBytes) bytes"
    }
  }
}
