/// The size of a model's tensors by type, computed from the tensor directory without touching the data.
public struct Estimate: Sendable, Equatable {
  /// The tensors of one type.
  public struct Share: Sendable, Equatable {
    /// The storage format that these tensors have in common.
    public let type: TensorType
    /// The number of tensors.
    public var tensors: Int
    /// The number of values in them.
    public var elements: Int
    /// Their size in bytes.
    public var bytes: Int
  }

  /// The types that occur, most bytes first.
  public let shares: [Share]

  /// The size of all tensors in bytes.
  public var bytes: Int { shares.reduce(0) { $0 + $1.bytes } }

  /// The number of values in all tensors: the parameter count.
  public var elements: Int { shares.reduce(0) { $0 + $1.elements } }

  /// The totals of `tensors`, which cannot overflow because mapped files fit an address space.
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
