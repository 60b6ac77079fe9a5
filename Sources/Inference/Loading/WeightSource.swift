import CKernels
import ModelFormats
import Synchronization
import Units

/// Gives a network its weights: checks each tensor, and packs it unless it only counts.
///
/// A network is made twice from the same code: first from a source that only counts, so that every tensor has
/// been checked and every size is known before memory is taken, then from one that packs.
final class WeightSource {
  let file: ModelFile
  /// What must live as long as the network: plain arrays that it points at.
  let store = PlainStore()
  /// Tensors asked for so far, and their bytes in the file.
  private(set) var tensorCount = 0
  private(set) var fileBytes = 0
  /// Bytes of the matrices that were quantised on the way, by their new type.
  private(set) var quantizedBytes: [TensorType: Int] = [:]
  /// Packed bytes so far.
  var packedBytes: Int { arena.used }

  private var arena: Arena
  private let packing: Packing?
  private let quantize: WeightType?

  /// What packing needs.
  struct Packing {
    let region: MemoryRegion
    let team: ThreadTeam
    /// Called after each tensor with tensors and file bytes done; false stops.
    let progress: (_ tensors: Int, _ bytes: Int) -> Bool
  }

  /// - Parameter quantize: The type of matrices that are floats in the file; nil: their own.
  init(file: ModelFile, quantize: WeightType? = nil, packing: Packing?) {
    self.file = file
    self.quantize = quantize
    self.packing = packing
    arena = Arena(base: packing?.region.base)
  }

  /// False when it only counts; then no pointer that it hands out may be read.
  var packsWeights: Bool { packing != nil }

  /// Whether the file has a tensor of this name.
  func has(_ name: String) -> Bool { file.tensors[name] != nil }

  /// A weight matrix, packed, with the bias `NAME.bias` beside `NAME.weight` if the file has one.
  ///
  /// - Throws: `InferenceError.tensor` when it is absent or has another shape or a type that cannot be
  ///   computed with, `.cancelled` when `progress` said so.
  func matrix(_ name: String, rows: Int, columns: Int) throws(InferenceError) -> Matrix {
    let tensor = try find(name + ".weight", shape: [columns, rows])
    let type = try packedType(tensor)
    let target = arena.takeBytes(ck_packed_bytes(type, rows, columns))
    try check()
    if let packing { try pack(tensor, as: type, to: target, packing.team) }
    try finish(tensor)
    let bias = has(name + ".bias") ? try vector(name + ".bias", count: rows) : nil
    return Matrix(type: type, rows: rows, columns: columns, packed: UnsafeRawPointer(target), bias: bias)
  }

  /// The type in which a matrix is packed: its own, unless it is quantised on the way.
  private func packedType(_ tensor: Tensor) throws(InferenceError) -> ck_type {
    let own = try kernelType(tensor)
    guard let quantize, tensor.type.isFloat else { return own }
    let target = quantize.type(of: tensor, isOutput: file.isOutput(tensor))
    quantizedBytes[target, default: 0] += target.byteCount(shape: tensor.shape) ?? 0
    return ck_type(target) ?? own
  }

  /// Packs a matrix panel by panel, so that no second copy of it is held.
  private func pack(
    _ tensor: Tensor, as type: ck_type, to target: UnsafeMutableRawPointer, _ team: ThreadTeam
  ) throws(InferenceError) {
    let height = Int(CK_PANEL_ROWS)
    let panels = (tensor.rows + height - 1) / height
    let panelBytes = ck_packed_bytes(type, height, tensor.columns)
    let converter = try TensorType(rawValue: Int32(type.rawValue)).flatMap { target throws(InferenceError) in
      target == tensor.type ? nil : try RowConverter(tensor, to: target)
    }
    let unfit = Mutex<UnfitValue?>(nil)
    team.run { member in
      while let share = member.claim(of: panels, minimum: 1) {
        for panel in share {
          let rows = (panel * height)..<min(tensor.rows, (panel + 1) * height)
          func pack(_ bytes: UnsafeRawPointer?) {
            ck_pack(type, bytes, target + panel * panelBytes, rows.count, tensor.columns, 0, 1)
          }
          guard let converter else {
            tensor.withBytes(ofRows: rows) { pack($0.baseAddress) }
            continue
          }
          withUnsafeTemporaryAllocation(byteCount: height * converter.rowBytes, alignment: 64) { scratch in
            guard let base = scratch.baseAddress else { return }
            if let value = converter.convert(rows, to: base) {
              unfit.withLock { $0 = $0 ?? value }
            } else {
              pack(base)
            }
          }
        }
      }
    }
    if let value = unfit.withLock({ $0 }) { throw value.error(tensor) }
  }

  /// A vector of floats, whatever its type in the file.
  func vector(_ name: String, count: Int) throws(InferenceError) -> UnsafePointer<Float> {
    let tensor = try find(name, shape: [count])
    let type = try kernelType(tensor)
    let target = arena.take(Float.self, count)
    try check()
    if packing != nil {
      tensor.withBytes { ck_dequantize_row(type, $0.baseAddress, target, count) }
    }
    try finish(tensor)
    return UnsafePointer(target)
  }

  /// A table whose rows are read from the file when they are needed.
  func table(_ name: String, columns: Int) throws(InferenceError) -> EmbeddingTable {
    guard let tensor = file.tensors[name], tensor.shape.count == 2 else {
      throw .tensor(
        name: name, found: describe(file.tensors[name]?.shape), expected: "[\(columns), vocabulary]")
    }
    guard Limits.vocabulary.contains(tensor.rows) else {
      throw .tensor(
        name: name, found: describe(tensor.shape), expected: "at most \(Limits.vocabulary.upperBound) rows")
    }
    _ = try find(name, shape: [columns, tensor.rows])
    return EmbeddingTable(tensor: tensor, type: try kernelType(tensor))
  }

  private func find(_ name: String, shape: [Int]) throws(InferenceError) -> Tensor {
    guard let tensor = file.tensors[name] else {
      throw .tensor(name: name, found: "absent", expected: describe(shape))
    }
    // Trailing dimensions of one mean nothing.
    var found = tensor.shape
    while found.count > shape.count, found.last == 1 { found.removeLast() }
    guard found == shape else {
      throw .tensor(name: name, found: describe(tensor.shape), expected: describe(shape))
    }
    return tensor
  }

  private func kernelType(_ tensor: Tensor) throws(InferenceError) -> ck_type {
    guard let type = ck_type(tensor.type) else {
      throw .tensor(name: tensor.name, found: "of type \(tensor.type.name)", expected: "a type with kernels")
    }
    guard tensor.columns.isMultiple(of: ck_block_values(type)) else {
      throw .tensor(
        name: tensor.name, found: counted(tensor.columns, "column"),
        expected: "a multiple of \(ck_block_values(type)) for \(tensor.type.name)")
    }
    return type
  }

  private func check() throws(InferenceError) {
    guard !arena.overflowed else { throw .memory(purpose: "the weights", bytes: Int.max, limit: nil) }
  }

  /// Counts a tensor, and drops its pages of the file once they are packed.
  private func finish(_ tensor: Tensor) throws(InferenceError) {
    tensorCount += 1
    fileBytes += tensor.byteCount
    guard let packing else { return }
    file.adviseDontNeed(tensor)
    guard packing.progress(tensorCount, fileBytes) else { throw .cancelled }
  }

  private func describe(_ shape: [Int]?) -> String {
    guard let shape else { return "absent" }
    return "[" + shape.map(String.init).joined(separator: ", ") + "]"
  }
}

/// Rows of a tensor in the file, one for each token, decoded when a token needs it.
struct EmbeddingTable: Sendable {
  let tensor: Tensor
  let type: ck_type

  /// Rows, one for each token of the vocabulary.
  var rows: Int { tensor.rows }

  /// Decodes a row to `tensor.columns` floats; `row` is within `rows`.
  func read(row: Int, to out: UnsafeMutablePointer<Float>) {
    tensor.withBytes(ofRows: row..<row + 1) { ck_dequantize_row(type, $0.baseAddress, out, tensor.columns) }
  }
}
