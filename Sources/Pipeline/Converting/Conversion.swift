import Inference
import ModelFormats
import Runtime

/// A model on its way to a new GGUF file: the bytes, piece by piece.
///
/// `@unchecked Sendable`: calls of `next` must not overlap, which the one caller sees to.
public final class Conversion: @unchecked Sendable {
  /// Tensors of the new file that have a type in common.
  public struct Share: Sendable, Equatable {
    /// The type, such as "Q8_0".
    public let type: String
    /// Number of tensors.
    public var tensors: Int
    /// Their size in bytes.
    public var bytes: Int
  }

  /// Size of the new file in bytes.
  public var byteCount: Int { converter.header.byteCount }
  /// The types of its tensors, most bytes first.
  public let shares: [Share]
  /// Tensors that were quantised before and get another type.
  public let requantized: Int
  private let converter: ModelConverter
  private let path: String

  /// Opens a model and plans the new file; computes nothing yet.
  ///
  /// - Parameter type: The type of most weights, such as "q8_0"; nil: the file gets metadata and vocabulary only.
  /// - Throws: `WorkbenchError`.
  public init(path: String, type: String?, refusesLinks: Bool) throws {
    self.path = path
    do {
      let type = try type.map { try WeightType(named: $0, field: "type", among: WeightType.allCases) }
      let file = try FileOpening.$refusesLinks.withValue(refusesLinks) { try ModelFile.open(path: path) }
      guard file.metadata["tokenizer.ggml.tokens"] != nil else {
        throw WorkbenchError(
          .failedPrecondition, "it has no vocabulary of GGUF; only GGUF files can be converted", field: "path"
        )
      }
      converter = try ModelConverter(file: file, metadata: file.metadata, to: type)
    } catch {
      throw WorkbenchError(wrapping: error, path: path)
    }
    var totals: [TensorType: Share] = [:]
    for tensor in converter.tensors {
      totals[tensor.to, default: Share(type: tensor.to.name, tensors: 0, bytes: 0)].tensors += 1
      totals[tensor.to]?.bytes += tensor.bytes
    }
    shares = totals.values.sorted { ($0.bytes, $0.type) > ($1.bytes, $1.type) }
    requantized = converter.tensors.count { $0.from.blockValues > 1 && $0.from != $0.to }
  }

  /// The next bytes, or nil after the last; blocks while they are computed.
  ///
  /// - Throws: `WorkbenchError` naming the tensor with a weight that the type cannot hold.
  public func next() throws -> [UInt8]? {
    do {
      return try converter.next()
    } catch {
      throw WorkbenchError(wrapping: error, path: path)
    }
  }
}

extension WeightType {
  /// The type of this name in `field` of a request.
  init(named name: String, field: String, among known: [WeightType]) throws {
    guard let type = WeightType(rawValue: name), known.contains(type) else {
      let names = known.map(\.rawValue)
      throw WorkbenchError(
        .invalidArgument,
        "\(field) is '\(name)'; it must be \(names.dropLast().joined(separator: ", ")) or \(names.last ?? "")",
        field: field)
    }
    self = type
  }
}
