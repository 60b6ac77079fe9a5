public import ModelFormats
import Synchronization

/// The bytes of a GGUF file with the weights of a model in another format, one piece after another.
///
/// It holds one piece at a time, never a whole tensor. Calls of `next` must not overlap.
public final class ModelConverter {
  /// A tensor's format before and after.
  public struct ConvertedTensor: Sendable, Equatable {
    /// The format in the model.
    public let from: TensorType
    /// The format in the new file.
    public let to: TensorType
    /// The size in the new file.
    public let bytes: Int
  }

  /// The start of the new file.
  public let header: GGUFHeader
  /// Its tensors, in their order.
  public let tensors: [ConvertedTensor]
  private let file: ModelFile
  private let rows: [RowConverter]
  private let team: ThreadTeam
  private var place = Place.header(offset: 0)

  /// What comes next.
  private enum Place {
    case header(offset: Int)
    case rows(tensor: Int, row: Int)
  }

  /// Looks at every tensor, and computes nothing yet.
  ///
  /// - Parameters:
  ///   - type: The format of most weights; nil: the new file has no tensors, only metadata and vocabulary.
  ///   - metadata: The metadata of the new file, but for what says how its weights are stored.
  /// - Throws: `InferenceError` or `ModelFormatError`.
  public init(
    file: ModelFile, metadata: Metadata, to type: WeightType?, threads: Int? = nil
  ) throws {
    self.file = file
    rows = try (type == nil ? [] : file.tensorNames).compactMap { name throws(InferenceError) in
      guard let type, let tensor = file.tensors[name] else { return nil }
      return try RowConverter(tensor, to: type.type(of: tensor, isOutput: file.isOutput(tensor)))
    }
    tensors = rows.map {
      ConvertedTensor(from: $0.tensor.type, to: $0.target, bytes: $0.tensor.rows * $0.rowBytes)
    }
    header = try GGUFHeader(
      metadata: Self.metadata(metadata, type, tensors),
      tensors: rows.map { .init(name: $0.tensor.name, type: $0.target, shape: $0.tensor.shape) },
      path: file.path)
    let cores = System.availableCores()
    team = try ThreadTeam(count: min(max(threads ?? cores, 1), Limits.threads(cores: cores).upperBound))
  }

  /// The next bytes of the file, a few MiB; nil after the last.
  ///
  /// - Throws: `InferenceError.tensor` at a weight that the format cannot hold; `ModelFormatError` when the model's
  ///   file was changed meanwhile.
  public func next() throws -> [UInt8]? {
    switch place {
    case .header(let offset):
      let end = min(offset + Limits.convertedPiece, header.bytes.count)
      place = end < header.bytes.count ? .header(offset: end) : .rows(tensor: 0, row: 0)
      return Array(header.bytes[offset..<end])
    case .rows(let tensor, let row):
      guard tensor < rows.count else {
        try file.requireIntact()
        return nil
      }
      return try piece(of: tensor, from: row)
    }
  }

  /// Rows of a tensor, with the padding after the last.
  private func piece(of index: Int, from row: Int) throws -> [UInt8] {
    let rows = rows[index]
    let count = min(max(1, Limits.convertedPiece / rows.rowBytes), rows.tensor.rows - row)
    let end = row + count
    let isLast = end == rows.tensor.rows
    let data = count * rows.rowBytes
    let padding = isLast ? header.padding(after: rows.tensor.rows * rows.rowBytes) : 0
    let unfit = Mutex<UnfitValue?>(nil)
    let bytes = [UInt8](unsafeUninitializedCapacity: data + padding) { buffer, written in
      guard let base = UnsafeMutableRawPointer(buffer.baseAddress) else { return }
      team.run { member in
        while let share = member.claim(of: count, minimum: 1) {
          let part = (row + share.lowerBound)..<(row + share.upperBound)
          guard let value = rows.convert(part, to: base + share.lowerBound * rows.rowBytes) else { continue }
          unfit.withLock { $0 = $0 ?? value }
        }
      }
      (base + data).initializeMemory(as: UInt8.self, repeating: 0, count: padding)
      written = data + padding
    }
    if let value = unfit.withLock({ $0 }) { throw value.error(rows.tensor) }
    if isLast { file.adviseDontNeed(rows.tensor) }
    place = isLast ? .rows(tensor: index + 1, row: 0) : .rows(tensor: index, row: end)
    return bytes
  }

  /// The metadata of the new file: one whole, with its own formats.
  private static func metadata(
    _ metadata: Metadata, _ type: WeightType?, _ tensors: [ConvertedTensor]
  ) -> Metadata {
    var metadata = metadata
    for key in metadata.keys where key.hasPrefix("split.") { metadata.remove(key) }
    if let type {
      metadata.set("general.file_type", .uint(type.fileType), type: .uint32)
    } else {
      metadata.remove("general.file_type")
    }
    if tensors.contains(where: { !$0.to.isFloat }) {
      metadata.set("general.quantization_version", .uint(Limits.quantizationVersion), type: .uint32)
    } else {
      metadata.remove("general.quantization_version")
    }
    return metadata
  }
}
