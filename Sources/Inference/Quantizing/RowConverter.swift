import CKernels
import ModelFormats

/// Rows of a tensor in another format.
struct RowConverter {
  let tensor: Tensor
  let target: TensorType
  /// Bytes of a row in the target's format.
  let rowBytes: Int
  private let from: ck_type
  private let to: ck_type

  /// Values that are floats at the same time; a multiple of every block.
  private static let pieceValues = 4096

  /// - Throws: `InferenceError.tensor` if there is no way from the one format to the other.
  init(_ tensor: Tensor, to target: TensorType) throws(InferenceError) {
    guard let from = ck_type(tensor.type), let to = ck_type(target), ck_can_quantize(target.rawValue),
      tensor.columns.isMultiple(of: target.blockValues), tensor.columns <= Limits.convertedRow
    else {
      throw .tensor(
        name: tensor.name, found: "of type \(tensor.type.name) with rows of \(tensor.columns) values",
        expected: "rows that \(target.name) can hold, of at most \(Limits.convertedRow) values")
    }
    self.tensor = tensor
    self.target = target
    self.from = from
    self.to = to
    rowBytes = tensor.columns / target.blockValues * target.blockBytes
  }

  /// Writes rows to `out`; gives the place of the first value that the format cannot hold.
  func convert(_ rows: Range<Int>, to out: UnsafeMutableRawPointer) -> UnfitValue? {
    tensor.withBytes(ofRows: rows) { bytes in
      guard let base = bytes.baseAddress else { return nil }
      if from == to {
        out.copyMemory(from: base, byteCount: bytes.count)
        return nil
      }
      let count = rows.count * tensor.columns
      guard let index = convert(base, count, to: out) else { return nil }
      return UnfitValue(
        row: rows.lowerBound + index / tensor.columns, column: index % tensor.columns,
        value: value(at: index, of: base))
    }
  }

  /// Converts piece by piece; gives the index of the first value that does not fit.
  private func convert(_ source: UnsafeRawPointer, _ count: Int, to out: UnsafeMutableRawPointer) -> Int? {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: Self.pieceValues) { floats in
      guard let scratch = floats.baseAddress else { return nil }
      for start in stride(from: 0, to: count, by: Self.pieceValues) {
        let length = min(Self.pieceValues, count - start)
        let piece = source + start / tensor.type.blockValues * tensor.type.blockBytes
        let values: UnsafePointer<Float>
        switch from {
        case CK_F32: values = piece.assumingMemoryBound(to: Float.self)
        case CK_F16:
          ck_from_f16(piece.assumingMemoryBound(to: UInt16.self), scratch, length)
          values = UnsafePointer(scratch)
        default:
          ck_dequantize_row(from, piece, scratch, length)
          values = UnsafePointer(scratch)
        }
        let target = out + start / target.blockValues * target.blockBytes
        let done = ck_quantize_row(to, values, target, length)
        guard done == length else { return start + done }
      }
      return nil
    }
  }

  private func value(at index: Int, of source: UnsafeRawPointer) -> Float {
    let values = tensor.type.blockValues
    var block = [Float](repeating: 0, count: values)
    ck_dequantize_row(from, source + index / values * tensor.type.blockBytes, &block, values)
    return block[index % values]
  }
}

/// A weight that a format cannot hold.
struct UnfitValue {
  let row: Int
  let column: Int
  let value: Float

  /// The error about it.
  func error(_ tensor: Tensor) -> InferenceError {
    .tensor(
      name: tensor.name, found: "\(value) at row \(row), column \(column)",
      expected: "finite values, of at most 65504 for formats with 16-bit scales")
  }
}

extension ck_type {
  /// The kernels' number of a type; nil if they cannot compute with it.
  init?(_ type: TensorType) {
    guard ck_type_is_known(type.rawValue), type.rawValue >= 0 else { return nil }
    self.init(UInt32(type.rawValue))
  }
}
