import CWorkbenchPlugin
import Tokenizers
import Tokens

/// A tokenizer of a plugin, with its vocabulary.
struct PluginTokenizer: Tokenizer {
  let name: String
  let vocabularySize: Int
  let endOfGeneration: Set<TokenID>
  private let table: TokenizerTable
  private let settings: PluginSettings
  /// The bytes of all tokens, and where those of each end.
  private let text: [UInt8]
  private let ends: [Int]
  private let kinds: [TokenKind]
  private let spellings: [[UInt8]: TokenID]

  var beginningOfSequence: TokenID? { table.bos.map { TokenID(rawValue: $0) } }
  var endOfSequence: TokenID? { table.eos.map { TokenID(rawValue: $0) } }
  var unknown: TokenID? { table.unknown.map { TokenID(rawValue: $0) } }
  var padding: TokenID? { table.padding.map { TokenID(rawValue: $0) } }
  var addsBeginningOfSequence: Bool { table.flags & WB_ADDS_BOS != 0 }
  var addsEndOfSequence: Bool { table.flags & WB_ADDS_EOS != 0 }
  var dropsLeadingSpace: Bool { table.flags & WB_DROPS_LEADING_SPACE != 0 }

  /// Reads the vocabulary.
  ///
  /// - Throws: `PluginFault` if a token cannot be read or the whole takes too long or too much memory.
  init(
    name: String, table: TokenizerTable, vocabularySize: Int, settings: PluginSettings
  ) throws(PluginFault) {
    let start = settings.clock()
    var text: [UInt8] = []
    var ends: [Int] = []
    var kinds: [TokenKind] = []
    var spellings: [[UInt8]: TokenID] = [:]
    let output = Output(.bytes, limit: Limits.pieceBytes)
    for token in 0..<Int32(vocabularySize) {
      output.clear()
      let kind = try table.decode(token, output)
      do throws(PluginFault) {
        if let fault = output.fault { throw fault }
        guard let kind = TokenKind(rawValue: Int(kind)) else {
          throw .impossibleOutput("gave token \(token) the kind \(kind); kinds are 1 to 6")
        }
        guard text.count + output.bytes.count <= Limits.vocabularyBytes else {
          throw .tooMuchOutput(limit: Limits.vocabularyBytes, unit: "bytes of vocabulary")
        }
        kinds.append(kind)
        let spent = settings.clock() &- start
        guard spent <= settings.vocabularyBudget else {
          throw .overBudget(nanoseconds: spent, budget: settings.vocabularyBudget)
        }
      } catch {
        table.noteFault(error)
        throw error
      }
      text += output.bytes
      ends.append(text.count)
      if spellings[output.bytes] == nil { spellings[output.bytes] = TokenID(rawValue: token) }
    }
    self.name = name
    self.vocabularySize = vocabularySize
    self.table = table
    self.settings = settings
    (self.text, self.ends, self.kinds, self.spellings) = (text, ends, kinds, spellings)
    endOfGeneration = Set(table.ends.map { TokenID(rawValue: $0) })
  }

  func encode(
    _ text: UnsafeBufferPointer<UInt8>, special: SpecialParsing, continuesText: Bool
  ) throws(TokenizerError) -> [Token] {
    guard text.count <= Limits.textBytes else {
      throw .limit(name: "textBytes", found: text.count, maximum: Limits.textBytes)
    }
    let trusted = try Self.ranges(special, textBytes: text.count)
    do throws(PluginFault) {
      return try encode(Array(text) + [0], trusted, continuesText)
    } catch {
      throw .invalid(key: "plugin tokenizer '\(name)'", index: nil, reason: "\(error)")
    }
  }

  /// The tokens of `text`, which ends with a zero byte that is not part of it.
  private func encode(
    _ text: [UInt8], _ trusted: [wb_range], _ continuesText: Bool
  ) throws(PluginFault) -> [Token] {
    let count = text.count - 1
    let output = Output(.tokens, limit: count + Limits.extraTokens)
    let budget = settings.encodeBudget &* UInt64(1 + count >> 20)
    var tokens: [Token] = []
    let result: Result<Void, PluginFault> = text.withUnsafeBytes { bytes in
      trusted.withUnsafeBufferPointer { ranges in
        let encoding = wb_encoding(
          header: HostTable.header(of: wb_encoding.self),
          text: wb_text(bytes: bytes.baseAddress?.assumingMemoryBound(to: CChar.self), count: count),
          trusted: ranges.baseAddress, trusted_count: ranges.count, continues_text: continuesText ? 1 : 0,
          reserved: 0)
        do throws(PluginFault) {
          try table.encode(encoding, output, budget: budget) { () throws(PluginFault) in
            tokens = try checked(output.tokens, text.dropLast(), trusted)
          }
          return .success(())
        } catch {
          return .failure(error)
        }
      }
    }
    try result.get()
    return tokens
  }

  /// The appended tokens, if they are in the vocabulary, their ranges are in order and inside the text without overlap,
  /// and control tokens are in trusted parts only.
  private func checked(
    _ entries: [Output.Entry], _ text: ArraySlice<UInt8>, _ trusted: [wb_range]
  ) throws(PluginFault) -> [Token] {
    let textBytes = text.count
    var tokens: [Token] = []
    tokens.reserveCapacity(entries.count)
    var last = 0
    for (index, entry) in entries.enumerated() {
      guard entry.token >= 0, entry.token < vocabularySize else {
        throw .impossibleOutput(
          "appended token \(entry.token); the vocabulary ends at \(vocabularySize - 1)")
      }
      guard entry.begin >= last, entry.end >= entry.begin, entry.end <= textBytes else {
        throw .impossibleOutput(
          "gave token \(index) the bytes \(UInt(bitPattern: entry.begin)) to \(UInt(bitPattern: entry.end)); "
            + "expected a range from byte \(last) on, within the \(textBytes) of the text")
      }
      last = entry.end
      if kinds[Int(entry.token)] == .control { try checkControl(entry, text, trusted) }
      tokens.append(Token(id: TokenID(rawValue: entry.token), range: entry.begin..<entry.end))
    }
    return tokens
  }

  /// A control token stands for its own spelling, inside a trusted part.
  private func checkControl(
    _ entry: Output.Entry, _ text: ArraySlice<UInt8>, _ trusted: [wb_range]
  ) throws(PluginFault) {
    let place = "control token \(entry.token) from bytes \(entry.begin) to \(entry.end)"
    guard trusted.contains(where: { $0.begin <= entry.begin && entry.end <= $0.end }), entry.begin < entry.end
    else { throw .impossibleOutput("made \(place), which are not trusted") }
    guard text[entry.begin..<entry.end].elementsEqual(bytes(of: TokenID(rawValue: entry.token))) else {
      throw .impossibleOutput("made \(place), which are not its spelling")
    }
  }

  private static func ranges(
    _ special: SpecialParsing, textBytes: Int
  ) throws(TokenizerError) -> [wb_range] {
    switch special {
    case .none: return []
    case .all: return [wb_range(begin: 0, end: textBytes)]
    case .within(let ranges):
      for range in ranges where range.lowerBound < 0 || range.upperBound > textBytes {
        throw .range(range, textBytes: textBytes)
      }
      return ranges.map { wb_range(begin: $0.lowerBound, end: $0.upperBound) }
    }
  }

  func bytes(of token: TokenID) -> [UInt8] {
    guard kinds.indices.contains(token.index) else { return [] }
    let start = token.index > 0 ? ends[token.index - 1] : 0
    return Array(text[start..<ends[token.index]])
  }

  func kind(of token: TokenID) -> TokenKind {
    kinds.indices.contains(token.index) ? kinds[token.index] : .unused
  }

  func piece(_ token: TokenID) -> [UInt8] { bytes(of: token) }

  func token(for piece: [UInt8]) -> TokenID? { spellings[piece] }
}
