import CKernels

/// One thread's part in computing a layer: the steps that every decoder network is made of.
///
/// A step that divides its work (`claim`) must be followed by a barrier before the next one that does. A thread
/// that falls behind skips steps that the others have finished; what it prepares meanwhile, from memory that may
/// change under it, is never used, since it gets no share of a finished step.
struct ComputeThread {
  let member: TeamMember
  let state: RunState

  /// Packed activations: one form for each weight type of the projection, `formBytes` apart.
  struct Activations {
    let forms: UnsafeMutableRawPointer
    let formBytes: Int
    let rows: Int
  }

  /// A norm that is applied to activations before they are packed.
  struct Norm: BitwiseCopyable {
    let weight: UnsafePointer<Float>
    let epsilon: Float
  }

  /// Waits for every thread of the team.
  func barrier() { member.barrier() }

  /// Packs `rows` rows of `source`, normed first if asked, for the matrices of `projection`.
  ///
  /// Few values: each thread packs all of them for itself, which costs less than meeting. Many: each packs a share,
  /// then all meet.
  /// - Parameter gather: The source row of each row; nil: in order.
  func prepare(
    _ projection: Projection, _ source: UnsafePointer<Float>, rows: Int, norm: Norm?,
    gather: UnsafePointer<Int32>? = nil
  ) -> Activations {
    if rows <= privateRows(columns: projection.columns) {
      let own = state.members[member.index]
      if !member.isLate {
        pack(projection, source, 0..<rows, of: rows, norm, gather, own.normed, own.forms, own.formBytes)
      }
      return Activations(forms: own.forms, formBytes: own.formBytes, rows: rows)
    }
    while let share = member.claim(of: rows, minimum: 8) {
      pack(
        projection, source, share, of: rows, norm, gather, state.normed, state.forms, state.formBytes)
    }
    barrier()
    return Activations(forms: state.forms, formBytes: state.formBytes, rows: rows)
  }

  private func pack(
    _ projection: Projection, _ source: UnsafePointer<Float>, _ share: Range<Int>, of rows: Int,
    _ norm: Norm?, _ gather: UnsafePointer<Int32>?, _ normed: UnsafeMutablePointer<Float>,
    _ forms: UnsafeMutableRawPointer, _ formBytes: Int
  ) {
    let columns = projection.columns
    var values = source
    if let norm {
      for row in share {
        let from = gather.map { Int($0[row]) } ?? row
        ck_rms_norm(
          source + from * columns, norm.weight, normed + row * columns, columns, norm.epsilon)
      }
      values = UnsafePointer(normed)
    }
    for form in 0..<projection.formCount {
      ck_pack_activations(
        projection.forms[form], values, columns, forms + form * formBytes, rows, columns,
        share.lowerBound, share.upperBound)
    }
  }

  /// The products of all matrices of `projection`, side by side in rows of `out`.
  func multiply(
    _ projection: Projection, _ activations: Activations, out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let minimum = projection.smallestShare(rows: activations.rows)
    while let share = member.claim(of: projection.panels, minimum: minimum) {
      var first = 0
      for index in 0..<projection.count {
        let part = projection.parts[index]
        let panels = part.matrix.panels
        let from = max(share.lowerBound - first, 0)
        let to = min(share.upperBound - first, panels)
        if from < to { multiply(part, activations, from..<to, out: out, stride: stride) }
        first += panels
      }
    }
  }

  /// `x` += the product of a projection of one matrix, times `scale`.
  func multiplyAndAdd(
    _ projection: Projection, _ activations: Activations, to x: UnsafeMutablePointer<Float>, scale: Float
  ) {
    let part = projection.parts[0]
    let stride = part.matrix.rows
    let minimum = projection.smallestShare(rows: activations.rows)
    while let share = member.claim(of: projection.panels, minimum: minimum) {
      multiply(part, activations, share, out: state.delta, stride: stride)
      let columns = part.matrix.rows(of: share)
      for row in 0..<activations.rows {
        let start = row * stride + columns.lowerBound
        if scale != 1 {
          for column in 0..<columns.count { state.delta[start + column] *= scale }
        }
        ck_add(x + start, state.delta + start, columns.count)
      }
    }
  }

  /// `state.gate` = silu(gate product) × up product, for a projection of those two matrices.
  func multiplyGated(_ projection: Projection, _ activations: Activations) {
    let gate = projection.parts[0]
    let up = Projection.Part(matrix: projection.parts[1].matrix, outOffset: 0, form: projection.parts[1].form)
    let stride = gate.matrix.rows
    let minimum = max(1, projection.smallestShare(rows: activations.rows) / 2)
    while let share = member.claim(of: gate.matrix.panels, minimum: minimum) {
      multiply(gate, activations, share, out: state.gate, stride: stride)
      multiply(up, activations, share, out: state.up, stride: stride)
      let columns = gate.matrix.rows(of: share)
      for row in 0..<activations.rows {
        let start = row * stride + columns.lowerBound
        ck_silu_multiply(state.gate + start, state.up + start, columns.count)
      }
    }
  }

  /// The product of a projection of one matrix, divided by `scale`, in rows of `out`, and the softmax of each row by
  /// parts, which are read while the processor's cache has them.
  func multiplyLogits(
    _ projection: Projection, _ activations: Activations, out: UnsafeMutablePointer<Float>, scale: Float,
    softmax: UnsafeMutablePointer<ck_softmax_part>
  ) {
    let part = projection.parts[0]
    let stride = part.matrix.rows
    let count = LogSoftmax.partCount(of: stride)
    let panels = LogSoftmax.partLength / Int(CK_PANEL_ROWS)
    while let share = member.claim(of: count, minimum: 1) {
      for index in share {
        let range = index * panels..<min((index + 1) * panels, part.matrix.panels)
        multiply(part, activations, range, out: out, stride: stride)
        let columns = part.matrix.rows(of: range)
        for row in 0..<activations.rows {
          let logits = out + row * stride + columns.lowerBound
          if scale != 1 {
            for column in 0..<columns.count { logits[column] /= scale }
          }
          (softmax + row * count + index).initialize(to: ck_softmax_of(logits, columns.count))
        }
      }
    }
  }

  /// One matrix's product for a range of its panels, bias included.
  private func multiply(
    _ part: Projection.Part, _ activations: Activations, _ panels: Range<Int>,
    out: UnsafeMutablePointer<Float>, stride: Int
  ) {
    let matrix = part.matrix
    let out = out + part.outOffset
    ck_matmul(
      matrix.type, matrix.packed, activations.forms + part.form * activations.formBytes, out, stride,
      matrix.rows, matrix.columns, activations.rows, panels.lowerBound, panels.upperBound)
    guard let bias = matrix.bias else { return }
    let rows = matrix.rows(of: panels)
    for token in 0..<activations.rows {
      ck_add(out + token * stride + rows.lowerBound, bias + rows.lowerBound, rows.count)
    }
  }
}
