/// The bytes of a GGUF file, with a map of what stands where, so that a test can make one field wrong.
public struct GGUFImage: Sendable {
  /// What a stretch of bytes means.
  public enum Meaning: Sendable, Hashable, CaseIterable {
    /// The four letters at the start.
    case magic
    /// The version.
    case version
    /// The number of tensors or pairs, or of elements of an array.
    case count
    /// The length of a string.
    case length
    /// The type of a value, an element or a tensor.
    case type
    /// The number of dimensions of a tensor.
    case rank
    /// One dimension of a tensor.
    case dimension
    /// The offset of a tensor.
    case offset
    /// The bytes of a string.
    case text
    /// A number or boolean in the metadata.
    case scalar
    /// A whole key-value pair.
    case pair
    /// A whole directory entry.
    case entry
    /// The data of a tensor.
    case data
  }

  /// A stretch of bytes.
  public struct Field: Sendable {
    /// Its place in words, such as `tensor[output.weight].offset` or `metadata[KEY].value`.
    public let label: String
    /// What it means.
    public let meaning: Meaning
    /// Where it is.
    public let range: Range<Int>
  }

  /// The file.
  public internal(set) var bytes: [UInt8] = []
  /// Everything that has a meaning; fields nest.
  public internal(set) var fields: [Field] = []

  /// The field of this label.
  public func field(_ label: String) -> Field? { fields.first { $0.label == label } }

  /// The bytes with the field of `label` set to `value`, little-endian, cut to the field's width.
  ///
  /// A label that does not exist is a mistake in the test and gives an empty file.
  public func setting(_ label: String, to value: UInt64) -> [UInt8] {
    guard let field = field(label) else { return [] }
    return setting(field, to: value)
  }

  /// The bytes with `field` set to `value`, little-endian, cut to the field's width.
  public func setting(_ field: Field, to value: UInt64) -> [UInt8] {
    var result = bytes
    for (index, position) in field.range.prefix(8).enumerated() {
      result[position] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
    }
    return result
  }
}
