import Glibc
import Plugins
public import Runtime
import Synchronization
import Tokenizers
import Tokens

/// Tokenizers that no model is needed for: files, and those of plugin libraries.
///
/// The last one is kept, since reading a large vocabulary takes longer than most texts.
public final class TokenizerShelf: Sendable {
  /// What tells one state of a file from another.
  private struct Key: Equatable {
    var reference: String
    var inode: UInt64 = 0
    var bytes = 0
    var seconds = 0
    var nanoseconds = 0

    init(_ reference: String) {
      self.reference = reference
      var status = stat()
      guard stat(reference, &status) == 0 else { return }
      inode = UInt64(status.st_ino)
      bytes = Int(status.st_size)
      seconds = status.st_mtim.tv_sec
      nanoseconds = status.st_mtim.tv_nsec
    }
  }

  private let plugins: PluginSet
  private let last = Mutex<(key: Key, tokenizer: any Tokenizer)?>(nil)

  /// A shelf with the tokenizers of some libraries.
  public init(plugins: PluginSet = PluginSet()) {
    self.plugins = plugins
  }

  /// The tokens of a text.
  ///
  /// - Parameters:
  ///   - reference: The path of a `tokenizer.json`, `tokenizer.model` or GGUF file, or of a folder that holds one;
  ///     or the name of a plugin's tokenizer.
  ///   - addSpecial: Whether the tokens come around the text that the file puts there.
  public func tokenize(
    _ reference: String, _ text: [UInt8], addSpecial: Bool, parseSpecial: Bool
  ) throws -> [TextToken] {
    do {
      let tokenizer = try tokenizer(reference)
      func added(_ ids: [TokenID], at place: Int) -> [Token] {
        addSpecial ? ids.map { Token(id: $0, range: place..<place) } : []
      }
      let tokens = try tokenizer.encode(text, special: parseSpecial ? .all : .none)
      return (added(tokenizer.prefix, at: 0) + tokens + added(tokenizer.suffix, at: text.count)).map {
        token in
        TextToken(
          id: token.id, piece: tokenizer.bytes(of: token.id), range: token.range,
          isSpecial: tokenizer.kind(of: token.id) == .control)
      }
    } catch {
      throw WorkbenchError(wrapping: error)
    }
  }

  /// What two tokenizers make of the lines of a text.
  public func compare(_ left: String, _ right: String, text: String) throws -> TokenizerReport {
    do {
      let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
      let start = ContinuousClock.now
      let comparison = TokenizerComparison(try tokenizer(left), try tokenizer(right), lines: lines) {
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
    let key = Key(reference)
    if let kept = last.withLock({ $0 }), kept.key == key { return kept.tokenizer }
    let tokenizer: any Tokenizer
    if let source = plugins.tokenizers.first(where: { $0.name == reference }) {
      do throws(PluginFault) {
        tokenizer = try source.load()
      } catch {
        throw WorkbenchError(
          .internal, "tokenizer '\(source.name)' of plugin '\(source.plugin)': \(error)", field: "tokenizer")
      }
    } else {
      tokenizer = try TokenizerFile.open(path: reference)
    }
    last.withLock { $0 = (key, tokenizer) }
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
