import Plugins
import Runtime
import Synchronization
import Tokenizers
import Tokens

/// Tokenizers that need no model: files, and those of plugin libraries.
///
/// The last one is cached, since reading a large vocabulary takes longer than encoding most texts; one in a
/// folder is not, since the folder does not show when a file in it changes.
public final class TokenizerShelf: Sendable {
  private let plugins: PluginSet
  private let last = Mutex<(reference: String, signature: FileSignature?, tokenizer: any Tokenizer)?>(nil)

  /// A shelf with the tokenizers of some libraries.
  public init(plugins: PluginSet = PluginSet()) {
    self.plugins = plugins
  }

  /// The families of tokenizers that a model file may name, in alphabetical order.
  public static var families: [String] { TokenizerFactory.builtIn.keys.sorted() }

  /// The tokens of a text.
  ///
  /// - Parameters:
  ///   - reference: The path of a `tokenizer.json`, `tokenizer.model` or GGUF file, or of a folder that holds
  ///     one; or the name of a plugin's tokenizer.
  ///   - addSpecial: Whether to add the special tokens that the tokenizer puts around a text.
  public func tokenize(
    _ reference: String, _ text: [UInt8], addSpecial: Bool, parseSpecial: Bool
  ) throws -> [TextToken] {
    do {
      let tokenizer = try tokenizer(reference)
      func added(_ ids: [TokenID], at place: Int) -> [Token] {
        addSpecial ? ids.map { Token(id: $0, range: place..<place) } : []
      }
      let tokens = try tokenizer.encode(text, special: parseSpecial ? .all : .none)
      return try TextToken.list(
        added(tokenizer.prefix, at: 0) + tokens + added(tokenizer.suffix, at: text.count), of: tokenizer)
    } catch {
      throw WorkbenchError(wrapping: error)
    }
  }

  /// Compares two tokenizers on the lines of a text.
  public func compare(_ left: String, _ right: String, text: String) throws -> TokenizerReport {
    do {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
      let start = ContinuousClock.now
      let comparison = try TokenizerComparison(try tokenizer(left), try tokenizer(right), lines: lines) {
        (ContinuousClock.now - start) / .seconds(1)
      }
      var report = TokenizerReport()
      report.bytes = comparison.bytes
      report.bytesByScript = comparison.bytesByScript
      report.lines = comparison.lines
      report.sameLines = comparison.sameLines
      report.left = .init(comparison.left)
      report.right = .init(comparison.right)
      return report
    } catch {
      throw WorkbenchError(wrapping: error)
    }
  }

  private func tokenizer(_ reference: String) throws -> any Tokenizer {
    let isPlugin = plugins.hasTokenizer(reference)
    let signature = isPlugin ? nil : FileSignature(path: reference)
    if let kept = last.withLock({ $0 }), kept.reference == reference, kept.signature == signature {
      return kept.tokenizer
    }
    let tokenizer = try plugins.openTokenizer(reference)
    if isPlugin || signature != nil { last.withLock { $0 = (reference, signature, tokenizer) } }
    return tokenizer
  }
}

extension TokenizerReport.Side {
  fileprivate init(_ side: TokenizerComparison.Side) {
    self.init()
    name = side.name
    vocabularySize = side.vocabularySize
    tokens = side.tokens
    tokensByScript = side.tokensByScript
    refusals = side.refusals
    roundTripFailures = side.roundTripFailures
    firstFailure = side.firstFailure.map { $0 + 1 } ?? 0
    bytesPerSecond = side.bytesPerSecond
  }
}
