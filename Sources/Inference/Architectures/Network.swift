/// A network of one architecture: how its layers turn a batch of tokens into logits.
protocol Network: AnyObject, Sendable {
  /// Finds the weights and checks them; packs them unless `source` only counts.
  init(configuration: ModelConfiguration, weights source: WeightSource) throws(InferenceError)

  /// Logits in a row of output.
  var vocabularySize: Int { get }
  /// The shape of a cache page.
  var pageLayout: PageLayout { get }

  /// The sizes that scratch memory follows from.
  func runShape(rows: Int, threads: Int) -> RunShape

  /// Takes a batch through the layers, storing keys and values; every thread of the team calls it.
  ///
  /// Leaves the hidden states of all rows, or, when the batch has a tail, of its rows at the front.
  func forward(_ batch: Batch, _ thread: ComputeThread)

  /// Turns hidden states that `forward` left into logits, and into the parts of their softmax if those are wanted; every
  /// thread of the team calls it.
  func head(_ wanted: Wanted, _ thread: ComputeThread)
}

/// The architectures that this build runs, by the name that a file gives.
enum Architectures {
  /// One line an architecture.
  static let all: [String: any Network.Type] = [
    "llama": Llama.self
  ]

  /// The names, in order.
  static var names: [String] { all.keys.sorted() }
}
