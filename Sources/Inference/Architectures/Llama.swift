import CKernels
import ModelFormats
import Units

/// The Llama network (arXiv 2302.13971): pre-norm decoder, rotary positions, grouped-query attention, SwiGLU.
///
/// Llama, Mistral, SmolLM2 and their many fine-tunes share it; tensors have the names of the GGUF specification.
///
/// `@unchecked Sendable`: nothing changes after `init`.
final class Llama: Network, @unchecked Sendable {
  /// The weights of one layer.
  struct Layer: BitwiseCopyable {
    let attentionNorm: ComputeThread.Norm  // embedding
    let queryKeyValue: Projection  // (heads + 2 kv heads) × head length ← embedding
    let attentionOutput: Projection  // embedding ← heads × head length
    let feedForwardNorm: ComputeThread.Norm  // embedding
    let gateUp: Projection  // 2 × feed-forward ← embedding
    let down: Projection  // embedding ← feed-forward
  }

  let configuration: ModelConfiguration
  let embeddings: EmbeddingTable
  private let layers: UnsafePointer<Layer>
  private let outputNorm: ComputeThread.Norm
  private let output: Projection  // vocabulary ← embedding
  private let attention: AttentionShape
  private let rotation: Rotation
  private let store: PlainStore

  var vocabularySize: Int { embeddings.rows }

  init(configuration c: ModelConfiguration, weights source: WeightSource) throws(InferenceError) {
    configuration = c
    store = source.store
    embeddings = try source.table("token_embd.weight", columns: c.embeddingLength)
    if let stated = c.vocabularySize, stated != embeddings.rows {
      throw .tensor(
        name: "token_embd.weight", found: counted(embeddings.rows, "row"),
        expected: "\(stated), as many as the vocabulary")
    }
    var layers: [Layer] = []
    for index in 0..<c.layerCount { layers.append(try Layer(c, source, prefix: "blk.\(index).")) }
    self.layers = store.keep(layers)
    outputNorm = .init(
      weight: try source.vector("output_norm.weight", count: c.embeddingLength), epsilon: c.normEpsilon)
    // Without an output matrix, the embeddings serve as one.
    let name = source.has("output.weight") ? "output" : "token_embd"
    let output = try source.matrix(name, rows: embeddings.rows, columns: c.embeddingLength)
    self.output = Projection([output], in: store)
    rotation = Rotation(c.rope, factors: try Self.ropeFactors(c, source), in: store)
    attention = AttentionShape(
      heads: c.headCount, keyValueHeads: c.keyValueHeadCount, headLength: c.headLength,
      ropeLength: c.rope.length, window: c.slidingWindow, scale: c.attentionScale,
      cacheType: c.cacheType)
  }

  /// Divisors of the rotary frequencies, which Llama 3.1 and later carry as a tensor.
  private static func ropeFactors(
    _ c: ModelConfiguration, _ source: WeightSource
  ) throws(InferenceError) -> [Float]? {
    let name = "rope_freqs.weight"
    guard source.has(name) else { return nil }
    let factors = try source.vector(name, count: c.rope.length / 2)
    guard source.packsWeights else { return nil }
    let values = Array(UnsafeBufferPointer(start: factors, count: c.rope.length / 2))
    guard values.allSatisfy({ $0.isFinite && $0 != 0 }) else {
      throw .tensor(name: name, found: "with a zero or a value that is not finite", expected: "divisors")
    }
    return values
  }

  var pageLayout: PageLayout {
    PageLayout(
      layers: configuration.layerCount, heads: configuration.keyValueHeadCount,
      headLength: configuration.headLength, type: configuration.cacheType)
  }

  func runShape(rows: Int, threads: Int) -> RunShape {
    var projections = [output]
    for index in 0..<configuration.layerCount {
      let layer = layers[index]
      projections += [layer.queryKeyValue, layer.attentionOutput, layer.gateUp, layer.down]
    }
    return RunShape(
      rows: rows, embedding: configuration.embeddingLength, queryKeyValue: attention.rowLength,
      attended: configuration.queryLength, feedForward: configuration.feedForwardLength,
      ropePairs: configuration.rope.length / 2, threads: threads, projections: projections,
      headGroup: attention.group, headLength: attention.headLength)
  }

  func forward(_ batch: Batch, _ thread: ComputeThread) {
    embed(batch, thread)  // x: rows × embedding
    let last = configuration.layerCount - 1
    for index in 0..<last {
      attend(layers[index], index, batch, thread)
      project(layers[index], rows: batch.rows, thread)
    }
    guard let tail = batch.tail else {
      attend(layers[last], last, batch, thread)
      return project(layers[last], rows: batch.rows, thread)
    }
    guard attend(layers[last], last, batch, tail, thread) else { return }
    project(layers[last], rows: tail.count, thread)
  }

  /// attended = attend(rope(Wq · n), rope(Wk · n), Wv · n), where n = norm(x).
  private func attend(_ layer: Layer, _ index: Int, _ batch: Batch, _ thread: ComputeThread) {
    multiplyQueryKeyValue(layer, rows: batch.rows, thread)
    thread.attend(attention, layer: index, batch)
    thread.barrier()  // attended: rows × heads × head length
  }

  /// The same for the last layer, where only the rows of `tail` go on, to the front of `attended` and `x`.
  ///
  /// - Returns: false when there are none.
  private func attend(
    _ layer: Layer, _ index: Int, _ batch: Batch, _ tail: Tail, _ thread: ComputeThread
  ) -> Bool {
    multiplyQueryKeyValue(layer, rows: batch.rows, thread)
    thread.store(attention, layer: index, batch)
    thread.barrier()
    guard tail.count > 0 else { return false }
    thread.attend(attention, layer: index, tail.attention, storing: false)
    thread.barrier()
    while thread.member.claim(of: 1, minimum: 1) != nil {
      thread.gather(tail, thread.state.attended, length: configuration.queryLength)
      thread.gather(tail, thread.state.x, length: configuration.embeddingLength)
    }
    thread.barrier()
    return true
  }

  private func multiplyQueryKeyValue(_ layer: Layer, rows: Int, _ thread: ComputeThread) {
    let inputs = thread.prepare(
      layer.queryKeyValue, thread.state.x, rows: rows, norm: layer.attentionNorm)
    thread.multiply(
      layer.queryKeyValue, inputs, out: thread.state.queryKeyValue, stride: attention.rowLength)
    thread.barrier()  // queryKeyValue: rows × (heads + 2 kv heads) × head length
  }

  /// x += Wo · attended, then x += Wdown · (silu(Wgate · n) × (Wup · n)), where n = norm(x).
  private func project(_ layer: Layer, rows: Int, _ thread: ComputeThread) {
    let state = thread.state
    let scale = configuration.residualScale
    let attended = thread.prepare(layer.attentionOutput, state.attended, rows: rows, norm: nil)
    thread.multiplyAndAdd(layer.attentionOutput, attended, to: state.x, scale: scale)
    thread.barrier()  // x: rows × embedding
    let hidden = thread.prepare(layer.gateUp, state.x, rows: rows, norm: layer.feedForwardNorm)
    thread.multiplyGated(layer.gateUp, hidden)
    thread.barrier()  // gate: rows × feed-forward
    let gated = thread.prepare(layer.down, state.gate, rows: rows, norm: nil)
    thread.multiplyAndAdd(layer.down, gated, to: state.x, scale: scale)
    thread.barrier()  // x: rows × embedding
  }

  func head(_ wanted: Wanted, _ thread: ComputeThread) {
    let last = thread.prepare(
      output, thread.state.x, rows: wanted.count, norm: outputNorm, gather: wanted.rows)
    let scale = configuration.logitScale
    if let softmax = wanted.softmax {
      thread.multiplyLogits(output, last, out: wanted.logits, scale: scale, softmax: softmax)
      return thread.barrier()  // logits: count × vocabulary; softmax: count × parts
    }
    thread.multiply(output, last, out: wanted.logits, stride: vocabularySize)
    thread.barrier()  // logits: count × vocabulary
    guard scale != 1 else { return }
    while let share = thread.member.claim(of: wanted.count, minimum: 1) {
      for index in share.lowerBound * vocabularySize..<share.upperBound * vocabularySize {
        wanted.logits[index] /= scale
      }
    }
    thread.barrier()
  }

  /// Token rows and the rotations of their positions.
  private func embed(_ batch: Batch, _ thread: ComputeThread) {
    let length = configuration.embeddingLength
    while let share = thread.member.claim(of: batch.rows, minimum: 4) {
      for row in share {
        let x = thread.state.x + row * length
        embeddings.read(row: Int(batch.tokens[row]), to: x)
        if configuration.embeddingScale != 1 {
          for index in 0..<length { x[index] *= configuration.embeddingScale }
        }
        thread.rotate(row: row, position: batch.positions[row], rotation)
      }
    }
    thread.barrier()
  }
}

extension Llama.Layer {
  /// Finds the weights of the layer whose tensors start with `prefix`.
  init(_ c: ModelConfiguration, _ source: WeightSource, prefix: String) throws(InferenceError) {
    func norm(_ name: String) throws(InferenceError) -> ComputeThread.Norm {
      .init(weight: try source.vector(prefix + name, count: c.embeddingLength), epsilon: c.normEpsilon)
    }
    func matrix(_ name: String, _ rows: Int, _ columns: Int) throws(InferenceError) -> Matrix {
      try source.matrix(prefix + name, rows: rows, columns: columns)
    }
    attentionNorm = try norm("attn_norm.weight")
    queryKeyValue = Projection(
      [
        try matrix("attn_q", c.queryLength, c.embeddingLength),
        try matrix("attn_k", c.keyValueLength, c.embeddingLength),
        try matrix("attn_v", c.keyValueLength, c.embeddingLength),
      ], in: source.store)
    attentionOutput = Projection(
      [try matrix("attn_output", c.embeddingLength, c.queryLength)], in: source.store)
    feedForwardNorm = try norm("ffn_norm.weight")
    gateUp = Projection(
      [
        try matrix("ffn_gate", c.feedForwardLength, c.embeddingLength),
        try matrix("ffn_up", c.feedForwardLength, c.embeddingLength),
      ], in: source.store)
    down = Projection([try matrix("ffn_down", c.embeddingLength, c.feedForwardLength)], in: source.store)
  }
}
