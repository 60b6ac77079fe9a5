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
  /// Bytes of address space that stay free beside what is mapped: as much as the allocator reserves for one thread.
  static let headroomBytes = 64 << 20
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
  /// Layers of a network in a `config.json`.
  static let layers = 1...1_024
  /// Values of a hidden state, or inside a feed-forward block.
  static let width = 1...(1 << 20)
  /// Heads of a layer.
  static let heads = 1...2_048
  /// Values of one head.
  static let headLength = 2...1_024
  /// Tokens of a vocabulary.
  static let vocabulary = 1...(1 << 22)
  /// Positions of a sequence.
  static let positions = 1...(1 << 24)
  /// Numbers that stretch the rotary positions, or multiply what they rotate.
  static let ropeNumbers = 1e-6...1e6
  /// The base of the rotary frequencies.
  static let ropeBase = 1.01...1e12
  /// Bytes in one JSON text: a configuration, an index, the header of a safetensors file.
  static let jsonBytes = 100 << 20
  /// Nesting of such a text.
  static let jsonDepth = 64
  /// Values in such a text.
  static let jsonValues = 1 << 21
  /// Entries in a zip archive; PyTorch writes one for each tensor.
  static let zipEntries = 1 << 16
  /// Bytes in the pickle of a PyTorch file, which has the names and shapes only.
  static let pickleBytes = 8 << 20
  /// Values that a pickle may hold at a time.
  static let pickleValues = 1 << 20
  /// Bytes in a chat template's file.
  static let templateBytes = 4 << 20
  /// Tokens that end a generation.
  static let endTokens = 1_024
  /// Characters of a name from a file that an error message repeats.
  static let quotedCharacters = 80
}
