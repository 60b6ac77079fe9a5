/// Builds files as `torch.save` writes them, for tests: a zip archive of a pickle and of storages.
///
/// Written from PKWARE's APPNOTE and from pickletools of CPython, and independent of the reader that it tests.
public struct TorchImage: Sendable {
  /// An entry of the archive.
  public struct Entry: Sendable {
    /// The name, with its folder.
    public var name: String
    /// The data as they are in the archive.
    public var data: [UInt8]
    /// The number of the compression that the archive claims; 0: none.
    public var method: UInt16 = 0
    /// The size that the archive claims; nil: that of the data.
    public var size: UInt64?
    /// Whether sizes and offset are in the 64-bit extension.
    public var isWide = false

    /// A stored entry.
    public init(_ name: String, _ data: [UInt8]) {
      self.name = name
      self.data = data
    }
  }

  /// The entries, in this order.
  public var entries: [Entry]

  /// An archive of `entries`.
  public init(_ entries: [Entry]) {
    self.entries = entries
  }

  /// A file with a dictionary of F32 tensors, each in a storage of its own.
  public init(_ tensors: [SafeTensorsImage.Tensor]) {
    var pickle = PickleText()
    pickle.dictionary(tensors.enumerated().map { ($1.name, "\($0)", $1.shape) })
    self.init(pickle: pickle.bytes, storages: tensors.map(\.data))
  }

  /// A file with any pickle.
  public init(pickle: [UInt8], storages: [[UInt8]] = []) {
    entries = [Entry("archive/data.pkl", pickle), Entry("archive/byteorder", Array("little".utf8))]
    entries += storages.enumerated().map { Entry("archive/data/\($0)", $1) }
    entries.append(Entry("archive/version", Array("3\n".utf8)))
  }

  /// The file.
  public var bytes: [UInt8] {
    typealias I = SafeTensorsImage
    var bytes: [UInt8] = []
    var directory: [UInt8] = []
    for entry in entries {
      let name = Array(entry.name.utf8)
      let size = entry.size ?? UInt64(entry.data.count)
      let packed = entry.method == 0 ? size : UInt64(entry.data.count)
      let offset = UInt64(bytes.count)
      let small = entry.isWide ? UInt32.max : UInt32(truncatingIfNeeded: size)
      let smallPacked = entry.isWide ? UInt32.max : UInt32(truncatingIfNeeded: packed)
      let extra =
        entry.isWide
        ? I.little(UInt16(1)) + I.little(UInt16(24)) + I.little(size) + I.little(packed) + I.little(offset)
        : []
      let common =
        I.little(UInt16(0)) + I.little(entry.method) + I.little(UInt32(0)) + I.little(UInt32(0))
        + I.little(smallPacked) + I.little(small) + I.little(UInt16(name.count))
      bytes += [0x50, 0x4B, 3, 4] + I.little(UInt16(45)) + common + I.little(UInt16(0)) + name + entry.data
      directory += [0x50, 0x4B, 1, 2] + I.little(UInt16(45)) + I.little(UInt16(45)) + common
      directory +=
        I.little(UInt16(extra.count)) + I.little(UInt16(0)) + I.little(UInt16(0)) + I.little(UInt16(0))
      directory += I.little(UInt32(0)) + (entry.isWide ? I.little(UInt32.max) : I.little(UInt32(offset)))
      directory += name + extra
    }
    let start = UInt32(bytes.count)
    bytes += directory + [0x50, 0x4B, 5, 6] + I.little(UInt32(0))
    bytes += I.little(UInt16(entries.count)) + I.little(UInt16(entries.count))
    return bytes + I.little(UInt32(directory.count)) + I.little(start) + I.little(UInt16(0))
  }
}

/// Writes pickles of protocol 2, opcode by opcode.
public struct PickleText: Sendable {
  /// What was written, and the end when it is asked for.
  public var bytes: [UInt8] { written + [UInt8(ascii: ".")] }
  private var written: [UInt8] = [0x80, 2]

  /// An empty pickle.
  public init() {}

  /// Opcodes and their arguments, as they are.
  public mutating func raw(_ bytes: [UInt8]) { written += bytes }

  /// A text.
  public mutating func text(_ text: String) {
    written += [UInt8(ascii: "X")] + SafeTensorsImage.little(UInt32(text.utf8.count)) + Array(text.utf8)
  }

  /// An integer of 32 bits.
  public mutating func integer(_ value: Int) {
    written += [UInt8(ascii: "J")] + SafeTensorsImage.little(Int32(truncatingIfNeeded: value))
  }

  /// A name.
  public mutating func global(_ module: String, _ name: String) {
    written += Array("c\(module)\n\(name)\n".utf8)
  }

  /// A tensor of `shape` at `offset` of the storage `key`.
  public mutating func tensor(
    key: String, shape: [Int], strides: [Int]? = nil, offset: Int = 0, count: Int? = nil,
    type: String = "FloatStorage"
  ) {
    global("torch._utils", "_rebuild_tensor_v2")
    raw([UInt8(ascii: "("), UInt8(ascii: "(")])
    text("storage")
    global("torch", type)
    text(key)
    text("cpu")
    integer(count ?? offset + shape.reduce(1, *))
    raw([UInt8(ascii: "t"), UInt8(ascii: "Q")])
    integer(offset)
    tuple(shape)
    tuple(strides ?? Self.strides(shape))
    raw([0x89])
    global("collections", "OrderedDict")
    raw([UInt8(ascii: ")"), UInt8(ascii: "R"), UInt8(ascii: "t"), UInt8(ascii: "R")])
  }

  /// A dictionary of tensors.
  public mutating func dictionary(_ tensors: [(name: String, key: String, shape: [Int])]) {
    raw([UInt8(ascii: "}"), UInt8(ascii: "q"), 0, UInt8(ascii: "(")])
    for tensor in tensors {
      text(tensor.name)
      self.tensor(key: tensor.key, shape: tensor.shape)
    }
    raw([UInt8(ascii: "u")])
  }

  private mutating func tuple(_ numbers: [Int]) {
    raw([UInt8(ascii: "(")])
    for number in numbers { integer(number) }
    raw([UInt8(ascii: "t")])
  }

  /// The strides of a tensor without gaps.
  public static func strides(_ shape: [Int]) -> [Int] {
    shape.indices.map { shape[($0 + 1)...].reduce(1, *) }
  }
}
