/// What a pickle of tensors can hold.
///
/// Collections are places in `PickleHeap`, so that a value that holds itself is no cycle, and one that is nested deep is
/// freed without recursion.
enum PickleValue {
  case none
  case bool(Bool)
  case int(Int)
  case float(Double)
  case string(String)
  case tuple(Int)
  case list(Int)
  case dictionary(Int)
  case global(PickleGlobal)
  case storage(Int)
  case tensor(Int)
}

/// The collections, storages and tensors of one pickle.
struct PickleHeap {
  /// A storage: which file of the archive holds how many numbers.
  struct Storage {
    let type: PickleGlobal.StorageType
    let key: String
    let count: Int
  }

  /// A tensor as a part of a storage.
  struct Tensor {
    let storage: Storage
    let offset: Int
    let shape: [Int]
    let strides: [Int]
  }

  var tuples: [[PickleValue]] = []
  var lists: [[PickleValue]] = []
  /// Keys and values in the order in which they were set.
  var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  var storages: [Storage] = []
  var tensors: [Tensor] = []
}

/// The names that a pickle of tensors may ask for; they are looked up here and nowhere else.
enum PickleGlobal {
  /// The numbers of a storage.
  struct StorageType {
    let name: String
    let bytes: Int
    /// nil if this package cannot compute with them.
    let tensor: TensorType?
  }

  case orderedDictionary
  case rebuildTensor
  case rebuildParameter
  case storage(StorageType)

  /// What `module.name` stands for; nil for everything that tensors do not need.
  init?(module: String, name: String) {
    switch (module, name) {
    case ("collections", "OrderedDict"): self = .orderedDictionary
    case ("torch._utils", "_rebuild_tensor_v2"): self = .rebuildTensor
    case ("torch._utils", "_rebuild_parameter"): self = .rebuildParameter
    case ("torch", _):
      guard let type = Self.storages[name] else { return nil }
      self = .storage(StorageType(name: name, bytes: type.bytes, tensor: type.tensor))
    default: return nil
    }
  }

  private static let storages: [String: (bytes: Int, tensor: TensorType?)] = [
    "FloatStorage": (4, .f32), "HalfStorage": (2, .f16), "BFloat16Storage": (2, .bf16),
    "DoubleStorage": (8, nil), "LongStorage": (8, nil), "IntStorage": (4, nil), "ShortStorage": (2, nil),
    "CharStorage": (1, nil), "ByteStorage": (1, nil), "BoolStorage": (1, nil),
  ]
}
