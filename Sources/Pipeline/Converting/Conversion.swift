import Inference
import ModelFormats
import Runtime
import Tokenizers

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
  /// What the new file leaves out or cannot say, one sentence each.
  public let notes: [String]
  private let converter: ModelConverter
  private let path: String

  /// Opens a GGUF file or a checkpoint's folder and plans the new file; computes nothing yet.
  ///
  /// - Parameter type: The type of most weights, such as "q8_0"; nil: the file gets metadata and vocabulary only.
  /// - Throws: `WorkbenchError`.
  public init(path: String, type: String?, refusesLinks: Bool) throws {
    self.path = path
    do {
      let type = try type.map { try WeightType(named: $0, field: "type", among: WeightType.allCases) }
      let file = try FileOpening.$refusesLinks.withValue(refusesLinks) { try ModelFile.open(path: path) }
      var metadata = file.metadata
      notes = try file.setAside + Self.addVocabulary(of: file, to: &metadata) + Self.window(file)
      converter = try ModelConverter(file: file, metadata: metadata, to: type)
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

  /// Adds the vocabulary of a checkpoint, which is in files of its own; gives what cannot be said of it.
  private static func addVocabulary(of file: ModelFile, to metadata: inout Metadata) throws -> [String] {
    guard file.companions != nil else {
      guard metadata["tokenizer.ggml.tokens"] != nil else {
        throw WorkbenchError(
          .failedPrecondition, "it has no vocabulary (tokenizer.ggml.tokens), which a model needs",
          field: "path")
      }
      return []
    }
    let vocabulary = try GGUFVocabulary(of: file, rows: file.tensors["token_embd.weight"]?.rows ?? 0)
    vocabulary.write(to: &metadata)
    return vocabulary.notes
  }

  /// That llama.cpp leaves out a window which this architecture may have.
  private static func window(_ file: ModelFile) -> [String] {
    guard file.companions != nil, let window = file.metadata.integer("llama.attention.sliding_window"),
      window < file.metadata.integer("llama.context_length") ?? 0
    else { return [] }
    return [
      "each token sees \(window) positions; llama.cpp leaves that out, so that texts beyond them get other answers there"
    ]
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
