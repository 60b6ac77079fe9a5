import CKernels

/// One packed weight matrix, and the bias that its product gets, if any.
///
/// Plain pointers into memory that the network owns: the hot loop must not count references.
struct Matrix: BitwiseCopyable {
  let type: ck_type
  let rows: Int
  let columns: Int
  let packed: UnsafeRawPointer
  /// `rows` values.
  let bias: UnsafePointer<Float>?

  /// Panels of rows, the unit in which a product is shared out.
  var panels: Int { (rows + Int(CK_PANEL_ROWS) - 1) / Int(CK_PANEL_ROWS) }

  /// Rows of a range of panels.
  func rows(of panels: Range<Int>) -> Range<Int> {
    panels.lowerBound * Int(CK_PANEL_ROWS)..<min(rows, panels.upperBound * Int(CK_PANEL_ROWS))
  }
}

/// Up to `Projection.maximumParts` matrices that are multiplied with the same activations.
struct Projection: BitwiseCopyable {
  /// Maximum number of matrices that share activations: query, key and value.
  static let maximumParts = 3

  /// A matrix, where its product starts in a row of output, and which packed form of the activations it
  /// takes.
  struct Part: BitwiseCopyable {
    let matrix: Matrix
    let outOffset: Int
    let form: Int
  }

  /// The matrices.
  let parts: UnsafePointer<Part>
  let count: Int
  /// Columns of every matrix: values of one row of activations.
  let columns: Int
  /// Panels of all matrices together.
  let panels: Int
  /// Bytes of weights in one panel, about.
  let panelBytes: Int
  /// The different weight types, each of which wants a packed form of its own.
  let forms: UnsafePointer<ck_type>
  let formCount: Int

  /// Lays the products side by side in a row of output; the pointers live as long as `arena`'s memory.
  init(_ matrices: [Matrix], in store: PlainStore) {
    var parts: [Part] = []
    var forms: [ck_type] = []
    var offset = 0
    for matrix in matrices {
      if !forms.contains(matrix.type) { forms.append(matrix.type) }
      let form = forms.firstIndex(of: matrix.type) ?? 0
      parts.append(Part(matrix: matrix, outOffset: offset, form: form))
      offset += matrix.rows
    }
    count = parts.count
    columns = matrices.first?.columns ?? 0
    panels = matrices.reduce(0) { $0 + $1.panels }
    let bytes = matrices.reduce(0) { $0 + ck_packed_bytes($1.type, $1.rows, $1.columns) }
    panelBytes = max(1, bytes / max(1, panels))
    formCount = forms.count
    self.parts = store.keep(parts)
    self.forms = store.keep(forms)
  }

  /// The smallest share of panels worth taking for `rows` rows of activations.
  func smallestShare(rows: Int) -> Int {
    rows < Limits.manyRows
      ? max(1, Limits.smallestShareBytes / panelBytes) : Limits.smallestSharePanels
  }
}

/// Keeps arrays of plain values at fixed addresses for the life of a network.
final class PlainStore {
  private var blocks: [UnsafeMutableRawPointer] = []

  /// A copy of `values` that lives as long as the store.
  func keep<Value: BitwiseCopyable>(_ values: [Value]) -> UnsafePointer<Value> {
    let bytes = max(1, values.count * MemoryLayout<Value>.stride)
    let block = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: 64)
    blocks.append(block)
    let typed = block.bindMemory(to: Value.self, capacity: max(1, values.count))
    for (index, value) in values.enumerated() { (typed + index).initialize(to: value) }
    return UnsafePointer(typed)
  }

  deinit { for block in blocks { block.deallocate() } }
}
