/// What a model's tensors take, by type; costs a pass over the directory and touches no data.
public struct Estimate: Sendable, Equatable {
  /// The share of one tensor type.
  public struct Share: Sendable, Equatable {
    /// The type.
    public let type: TensorType
    /// Tensors of the type.
    public var tensors: Int
    /// Numbers in them.
    public var elements: Int
    /// Bytes of them.
    public var bytes: Int
  }

  /// The types that occur, most bytes first.
  public let shares: [Share]

  /// Bytes of all tensors.
  public var bytes: Int { shares.reduce(0) { $0 + $1.bytes } }

  /// Numbers in all tensors: the parameter count.
  public var elements: Int { shares.reduce(0) { $0 + $1.elements } }

  /// The totals of `tensors`, which lie in files and so add up to less than an address space.
  init(_ tensors: some Sequence<Tensor>) {
    var totals: [TensorType: Share] = [:]
    for tensor in tensors {
      totals[tensor.type, default: Share(type: tensor.type, tensors: 0, elements: 0, bytes: 0)].tensors += 1
      totals[tensor.type]?.elements += tensor.elementCount
      totals[tensor.type]?.bytes += tensor.byteCount
    }
    shares = totals.values.sorted { ($0.bytes, $0.type.rawValue) > ($1.bytes, $1.type.rawValue) }
  }
}
