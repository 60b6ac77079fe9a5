import CWorkbenchPlugin
import Synchronization
public import Tokenizers

/// A tokenizer of a library, its vocabulary not read yet.
public struct PluginTokenizerSource: Sendable {
  /// What it is called.
  public let name: String
  /// What it is, in one line.
  public let summary: String
  /// The plugin that it is part of.
  public let plugin: String
  /// How many tokens it has.
  public let vocabularySize: Int
  /// How it fares.
  public let health: PluginHealth

  let table: TokenizerTable
  let settings: PluginSettings

  init(
    _ raw: wb_tokenizer, plugin: String, _ reader: ForeignReader, _ settings: PluginSettings
  ) throws(PluginError) {
    name = try reader.name(raw.name, "a tokenizer's name")
    let what = "tokenizer '\(name)'"
    summary = try reader.line(raw.summary, "\(what): its summary")
    self.plugin = plugin
    self.settings = settings
    vocabularySize = Int(raw.vocabulary_size)
    guard (1...Limits.vocabularySize).contains(vocabularySize) else {
      throw PluginError(
        .count, reader.path,
        "\(what): a vocabulary of \(vocabularySize) tokens; 1 to \(Limits.vocabularySize) are possible")
    }
    let flags = Int(raw.flags)
    guard flags & ~(WB_ADDS_BOS | WB_ADDS_EOS | WB_DROPS_LEADING_SPACE) == 0 else {
      throw PluginError(.count, reader.path, "\(what): unknown flags in \(flags)")
    }
    health = PluginHealth()
    let monitor = CallMonitor(label: "'\(plugin)', tokenizer '\(name)'", settings: settings, health: health)
    table = try TokenizerTable(raw, vocabularySize, flags, monitor, what, reader)
  }

  /// Reads the vocabulary, a call for each token.
  ///
  /// - Throws: `PluginFault` when a token cannot be read or the whole takes too long.
  public func load() throws(PluginFault) -> any Tokenizer {
    try PluginTokenizer(name: name, table: table, vocabularySize: vocabularySize, settings: settings)
  }
}

/// The functions and special tokens of a tokenizer, checked; its calls never overlap.
///
/// `@unchecked Sendable`: the library's memory behind it stays as it is until the process ends.
final class TokenizerTable: @unchecked Sendable {
  let flags: Int
  let bos, eos, unknown, padding: Int32?
  let ends: [Int32]
  private let context: UnsafeMutableRawPointer?
  private let encode:
    @convention(c) (
      UnsafeMutableRawPointer?, UnsafePointer<wb_encoding>?, OpaquePointer?, UnsafeMutablePointer<CChar>?, Int
    ) -> wb_status
  private let decode:
    @convention(c) (
      UnsafeMutableRawPointer?, Int32, UnsafeMutablePointer<wb_token_kind>?, OpaquePointer?
    ) -> wb_status
  private let monitor: CallMonitor
  private let turn = Mutex<Void>(())

  init(
    _ raw: wb_tokenizer, _ vocabularySize: Int, _ flags: Int, _ monitor: CallMonitor, _ what: String,
    _ reader: ForeignReader
  ) throws(PluginError) {
    func token(_ id: Int32, _ role: String) throws(PluginError) -> Int32? {
      if id == -1 { return nil }
      guard id >= 0, id < vocabularySize else {
        throw PluginError(
          .count, reader.path, "\(what): \(role) is token \(id); -1 to \(vocabularySize - 1) are possible")
      }
      return id
    }
    bos = try token(raw.bos, "bos")
    eos = try token(raw.eos, "eos")
    unknown = try token(raw.unknown, "unknown")
    padding = try token(raw.padding, "padding")
    let count = raw.end_of_generation_count
    var ends: [Int32] = []
    if let array = try reader.array(
      raw.end_of_generation, count, limit: Limits.endTokens, "end tokens of \(what)")
    {
      for index in 0..<Int(count) {
        if let end = try token(array[index], "an end of generation") { ends.append(end) }
      }
    }
    self.ends = ends
    self.flags = flags
    self.monitor = monitor
    context = raw.context
    encode = try reader.function(raw.encode, "\(what): encode")
    decode = try reader.function(raw.decode, "\(what): decode")
  }

  /// Calls `encode`, then `check` on what was appended.
  func encode(
    _ encoding: wb_encoding, _ output: Output, budget: UInt64, check: () throws(PluginFault) -> Void
  ) throws(PluginFault) {
    var encoding = encoding
    try inTurn { () throws(PluginFault) in
      try monitor.work(.encode, budget: budget) { message, capacity in
        let status = encode(context, &encoding, output.pointer, message, capacity)
        return output.fault == nil ? status : Status.ok
      } check: { () throws(PluginFault) in
        if let fault = output.fault { throw fault }
        try check()
      }
    }
  }

  /// Calls `decode`; gives the kind.
  func decode(_ token: Int32, _ output: Output) throws(PluginFault) -> wb_token_kind {
    var kind: wb_token_kind = 0
    try inTurn { () throws(PluginFault) in
      try monitor.aside(.decode) { _, _ in
        let status = decode(context, token, &kind, output.pointer)
        return output.fault == nil ? status : Status.ok
      }
    }
    return kind
  }

  /// Puts a fault of the vocabulary on record.
  func noteFault(_ fault: PluginFault) { monitor.noteFault(fault, .decode) }

  private func inTurn(_ body: () throws(PluginFault) -> Void) throws(PluginFault) {
    let result: Result<Void, PluginFault> = turn.withLock { _ in
      do throws(PluginFault) { return .success(try body()) } catch { return .failure(error) }
    }
    try result.get()
  }
}
