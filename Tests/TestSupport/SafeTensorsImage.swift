/// Builds safetensors files for tests, right ones and wrong ones.
///
/// Written from the README of huggingface/safetensors and independent of the reader that it tests.
public struct SafeTensorsImage: Sendable {
  /// A tensor in PyTorch's order of dimensions.
  public struct Tensor: Sendable {
    /// The name.
    public var name: String
    /// The type, such as `F32`.
    public var type: String
    /// The dimensions, the contiguous one last.
    public var shape: [Int]
    /// The data, as it is.
    public var data: [UInt8]

    /// A tensor with its data.
    public init(_ name: String, type: String = "F32", shape: [Int], data: [UInt8]) {
      self.name = name
      self.type = type
      self.shape = shape
      self.data = data
    }
  }

  /// The tensors, whose data follow each other in this order.
  public var tensors: [Tensor]
  /// The header to write instead of the right one.
  public var header: String?

  /// A file of `tensors`.
  public init(_ tensors: [Tensor], header: String? = nil) {
    self.tensors = tensors
    self.header = header
  }

  /// The header of the tensors.
  public var rightHeader: String {
    var entries = [#""__metadata__":{"format":"pt"}"#]
    var start = 0
    for tensor in tensors {
      let end = start + tensor.data.count
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      entries.append(
        #""\#(tensor.name)":{"dtype":"\#(tensor.type)","shape":[\#(shape)],"data_offsets":[\#(start),\#(end)]}"#
      )
      start = end
    }
    return "{" + entries.joined(separator: ",") + "}"
  }

  /// The file.
  public var bytes: [UInt8] {
    var text = Array((header ?? rightHeader).utf8)
    while !text.count.isMultiple(of: 8) { text.append(0x20) }
    return Self.little(UInt64(text.count)) + text + tensors.flatMap(\.data)
  }

  /// An integer as the file has it.
  static func little(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian, Array.init)
  }
}
