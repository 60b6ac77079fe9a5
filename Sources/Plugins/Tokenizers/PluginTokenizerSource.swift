import CWorkbenchPlugin
import Synchronization
public import Tokenizers

/// A tokenizer that a library offers, before its vocabulary is read.
public struct PluginTokenizerSource: Sendable {
  /// The name that requests use.
  public let name: String
  /// What it is for, in one line.
  public let summary: String
  /// The name of its plugin.
  public let plugin: String
  /// The number of tokens.
  public let vocabularySize: Int
  /// Cost and faults of encoding.
  public let health: PluginHealth

  /// Its functions and special tokens.
  let table: TokenizerTable
  /// Budgets and watchdog of its calls.
  let settings: PluginSettings

  init(
    _ raw: wb_tokenizer, plugin: String, _ reader: ForeignReader, _ settings: PluginSettings
  ) throws(PluginError) {
    name = try reader.name(raw.name, "the name of a tokenizer")
    let what = "tokenizer '\(name)'"
    summary = try reader.line(raw.summary, "the summary of \(what)")
    self.plugin = plugin
    self.settings = settings
    vocabularySize = Int(raw.vocabulary_size)
    guard (1...Limits.vocabularySize).contains(vocabularySize) else {
      throw PluginError(
        .count, reader.path,
        "\(what) has \(vocabularySize) tokens; it must have 1 to \(Limits.vocabularySize)")
    }
    let flags = Int(raw.flags)
    try reader.checkFlags(flags, known: WB_ADDS_BOS | WB_ADDS_EOS | WB_DROPS_LEADING_SPACE, what)
    for (flag, name, token, role) in [
      (WB_ADDS_BOS, "WB_ADDS_BOS", raw.bos, "bos"), (WB_ADDS_EOS, "WB_ADDS_EOS", raw.eos, "eos"),
    ] where flags & flag != 0 && token == -1 {
      throw PluginError(.count, reader.path, "\(what): \(name) requires \(role), but \(role) is -1")
    }
    health = PluginHealth()
    let monitor = CallMonitor(label: "'\(plugin)', tokenizer '\(name)'", settings: settings, health: health)
    table = try TokenizerTable(raw, vocabularySize, flags, monitor, what, reader)
  }

  /// Reads the vocabulary, with one call for each token.
  ///
  /// - Throws: `PluginFault` if a token cannot be read or the whole takes too long.
  public func load() throws(PluginFault) -> any Tokenizer {
    try PluginTokenizer(name: name, table: table, vocabularySize: vocabularySize, settings: settings)
  }
}

/// The functions and special tokens of a tokenizer, checked, and called by one thread at a time.
///
/// `@unchecked Sendable`: the library's memory that it points at does not change until the process ends.
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
          .count, reader.path, "\(what): \(role) is token \(id); it must be -1 to \(vocabularySize - 1)")
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
      raw.end_of_generation, count, limit: Limits.endTokens, "end-of-generation tokens of \(what)")
    {
      for index in 0..<Int(count) {
        if let end = try token(array[index], "an end-of-generation token") { ends.append(end) }
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

  /// Calls `decode`, which appends the bytes of a token; returns its kind.
  func decode(_ token: Int32, _ output: Output) throws(PluginFault) -> wb_token_kind {
    var kind: wb_token_kind = 0
    try inTurn { () throws(PluginFault) in
      try monitor.uncounted(.decode) { _, _ in
        let status = decode(context, token, &kind, output.pointer)
        return output.fault == nil ? status : Status.ok
      }
    }
    return kind
  }

  /// Records a fault of the vocabulary.
  func noteFault(_ fault: PluginFault) { monitor.noteFault(fault, .decode) }

  private func inTurn(_ body: () throws(PluginFault) -> Void) throws(PluginFault) {
    let result: Result<Void, PluginFault> = turn.withLock { _ in
      do throws(PluginFault) { return .success(try body()) } catch { return .failure(error) }
    }
    try result.get()
  }
}
