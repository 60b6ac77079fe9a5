import Units

/// Why a vocabulary was refused or a text could not be turned into tokens.
public enum TokenizerError: Error, Sendable, Equatable {
  /// The metadata lacks `key`, which this family of tokenizers needs.
  case missing(key: String)
  /// The value of `key` is not of the type `expected`.
  case wrongType(key: String, expected: String)
  /// The array of `key` has `found` elements instead of one for each of the `expected` pieces.
  case wrongCount(key: String, found: Int, expected: Int)
  /// A value of `key` is unusable; `index` is its place if the value is an array.
  case invalid(key: String, index: Int?, reason: String)
  /// The value of `key` is a name that is not among `known`.
  case unknownName(key: String, name: String, known: [String])
  /// Something exceeds the limit `name` of `Limits`.
  case limit(name: String, found: Int, maximum: Int)
  /// A splitting pattern cannot be compiled; `offset` counts Unicode scalars.
  case pattern(String, offset: Int, reason: String)
  /// No token covers a byte of the text, and the vocabulary has no unknown token.
  case unencodable(byte: UInt8, offset: Int)
  /// A file is missing, cannot be read or is not a tokenizer.
  case file(path: String, reason: String)
  /// The bytes of a file violate its format at `offset`.
  case malformed(format: String, offset: Int, reason: String)
  /// The part `what` of a file is `name`, which is not among the supported ones, `known`.
  case unsupported(what: String, name: String, known: [String])
  /// A range for special tokens extends beyond the text.
  case range(Range<Int>, textBytes: Int)
  /// The caller went away before the work was done.
  case stopped
}

extension TokenizerError: CustomStringConvertible {
  /// One line: what is wrong, where, and what would be right.
  public var description: String {
    switch self {
    case .missing(let key):
      "tokenizer: \(key) is missing"
    case .wrongType(let key, let expected):
      "tokenizer: \(key) must be \(expected)"
    case .wrongCount(let key, let found, let expected):
      "tokenizer: \(key) has \(counted(found, "element")), but the vocabulary has \(counted(expected, "piece"))"
    case .invalid(let key, let index, let reason):
      "tokenizer: \(key)\(index.map { "[\($0)]" } ?? "") \(reason)"
    case .unknownName(let key, let name, let known):
      "tokenizer: \(key) is '\(name)'; supported: \(known.joined(separator: ", "))"
    case .limit(let name, let found, let maximum):
      "tokenizer: \(name) is \(found); at most \(maximum) is allowed"
    case .pattern(let pattern, let offset, let reason):
      "tokenizer: pattern '\(pattern)' at character \(offset): \(reason)"
    case .unencodable(let byte, let offset):
      "tokenizer: no token covers byte \(byte) at offset \(offset), and the vocabulary has no unknown token"
    case .file(let path, let reason):
      "tokenizer: \(path): \(reason)"
    case .malformed(let format, let offset, let reason):
      "tokenizer: \(format) at byte \(offset): \(reason)"
    case .unsupported(let what, let name, let known):
      "tokenizer: \(what) '\(name)' is not supported"
        + (known.isEmpty ? "" : "; supported: \(known.joined(separator: ", "))")
    case .range(let range, let textBytes):
      "tokenizer: range \(range) for special tokens is outside the text, which has \(textBytes) bytes"
    case .stopped:
      "tokenizer: the caller went away before the work was done"
    }
  }
}
