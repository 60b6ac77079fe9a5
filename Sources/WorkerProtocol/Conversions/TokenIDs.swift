import Runtime
public import Tokens

extension TokenID {
  /// An id that a request gave; whether the vocabulary has it is checked where the vocabulary is known.
  ///
  /// - Throws: `WorkbenchError` naming the field.
  public init(checked value: UInt32, field: String) throws {
    guard let value = Int32(exactly: value) else {
      throw WorkbenchError(
        .invalidArgument, "\(value) is not a token id; ids are below 2147483648", field: field)
    }
    self.init(rawValue: value)
  }
}
