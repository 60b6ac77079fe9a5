/// The bounds of this module on a file, so that no file makes it work or allocate without end.
///
/// A count is also checked against the bytes that remain in the file before anything is allocated for it.
enum Limits {
  /// Key-value pairs in one file; real ones have a few dozen.
  static let metadataPairs = 1 << 16
  /// Bytes in a metadata key (the format's own limit).
  static let keyBytes = 65_535
  /// Bytes in one metadata string; the longest real ones are chat templates.
  static let stringBytes = 16 << 20
  /// Elements in one metadata array; the largest real ones are merges, about half a million.
  static let arrayElements = 64 << 20
  /// Depth of nested arrays; real files have none.
  static let arrayDepth = 4
  /// Memory for parsed metadata beyond the size of the file itself, in bytes.
  ///
  /// A short string takes about 56 bytes in memory and 9 in the file, so a real vocabulary without weights needs about
  /// 30 MiB of this.
  static let metadataOverheadBytes = 64 << 20
  /// Tensors in one file.
  static let tensors = 1 << 15
  /// Bytes in a tensor's name (the format's own limit).
  static let tensorNameBytes = 64
  /// Dimensions of a tensor.
  static let dimensions = 4
  /// The largest alignment of tensor data: one huge page.
  static let alignment = 2 << 20
  /// The alignment of tensor data if the file does not give one.
  static let defaultAlignment = 32
  /// Parts of a split model; each takes a file descriptor.
  static let parts = 1_024
  /// Characters of a name from a file that an error message repeats.
  static let quotedCharacters = 80
}
