import CWorkbenchPlugin
import Glibc

/// A loaded library and what it offers; never unloaded.
public struct PluginLibrary: Sendable {
  /// Where it was loaded from.
  public let path: String
  /// What it calls itself.
  public let name: String
  /// Its own version.
  public let version: String
  /// What it is, in one line.
  public let summary: String
  /// Its samplers.
  public let samplers: [PluginSampler]
  /// Its prompt templates.
  public let templates: [PluginTemplate]
  /// Its tokenizers.
  public let tokenizers: [PluginTokenizerSource]

  /// Loads a library and reads its tables; code of the library runs.
  ///
  /// - Throws: `PluginError` with the first reason to refuse it. A library that crashes or hangs takes the process with it:
  ///   try unknown ones in a process of their own.
  public static func open(
    _ path: String, settings: PluginSettings = PluginSettings()
  ) throws(PluginError) -> PluginLibrary {
    try PluginFile.check(path)
    // Its constructors run before its entry function does.
    settings.recorder?.enter()
    defer { settings.recorder?.leave() }
    // Without a slash the loader would search its own folders.
    let file = path.contains("/") ? path : "./" + path
    guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
      throw PluginError(.loader, path, lastLoaderError)
    }
    guard let symbol = dlsym(handle, "workbench_plugin_entry") else {
      throw PluginError(
        .symbol, path,
        "it does not export workbench_plugin_entry (in C++ include workbench_plugin.h before it)")
    }
    let entry = unsafeBitCast(
      symbol,
      to: (@convention(c) (_: UnsafePointer<wb_host>?, UnsafeMutablePointer<wb_plugin>?) -> wb_status).self)
    let library = try PluginLibrary(ForeignReader(path: path), offer: call(entry, path, settings), settings)
    settings.recorder?.noteOpen()
    return library
  }

  private static var lastLoaderError: String {
    dlerror().map { printable(String(cString: $0)) } ?? "the loader refused it"
  }

  /// Calls the entry function with room for what a newer plugin may write, and looks behind that room.
  private static func call(
    _ entry: @convention(c) (UnsafePointer<wb_host>?, UnsafeMutablePointer<wb_plugin>?) -> wb_status,
    _ path: String, _ settings: PluginSettings
  ) throws(PluginError) -> wb_plugin {
    guard let room = GuardedMemory(bytes: Limits.structBytes) else {
      throw PluginError(.memory, path, "there is no memory to open it")
    }
    room.begin(bytes: Limits.structBytes)
    memset(room.start, 0, Limits.structBytes)
    let plugin = room.start.bindMemory(to: wb_plugin.self, capacity: 1)
    plugin.pointee.header = HostTable.header(of: wb_plugin.self)
    let slot = WatchSlot("of \(path)")
    settings.watchdog?.add(slot)
    defer { settings.watchdog?.remove(slot) }
    slot.arm(.entry)
    let status = entry(HostTable.shared, plugin)
    slot.disarm()
    guard room.isIntact else {
      throw PluginError(.memory, path, "its entry function wrote outside of the memory that it was given")
    }
    guard status == Status.ok else {
      throw PluginError(
        .entry, path, "its entry function reported \(PluginFault.failed(status: status, message: ""))")
    }
    return plugin.pointee
  }

  private init(_ reader: ForeignReader, offer: wb_plugin, _ settings: PluginSettings) throws(PluginError) {
    _ = try reader.size(
      of: offer.header, least: MemoryLayout<wb_plugin>.size, "what the entry function offers")
    path = reader.path
    name = try reader.name(offer.name, "the plugin's name")
    version = try reader.line(offer.version, "the plugin's version", limit: Limits.nameBytes)
    summary = try reader.line(offer.summary, "the plugin's summary")
    let plugin = name
    samplers = try Self.offers(
      reader, offer.samplers, offer.sampler_count, "sampler", empty: wb_sampler(), name: \.name
    ) { (table) throws(PluginError) in try PluginSampler(table, plugin: plugin, reader, settings) }
    templates = try Self.offers(
      reader, offer.templates, offer.template_count, "template", empty: wb_template(), name: \.name
    ) { (table) throws(PluginError) in try PluginTemplate(table, plugin: plugin, reader, settings) }
    tokenizers = try Self.offers(
      reader, offer.tokenizers, offer.tokenizer_count, "tokenizer", empty: wb_tokenizer(), name: \.name
    ) { (table) throws(PluginError) in try PluginTokenizerSource(table, plugin: plugin, reader, settings) }
    guard !samplers.isEmpty || !templates.isEmpty || !tokenizers.isEmpty else {
      throw PluginError(.count, path, "it offers nothing")
    }
  }

  /// What is offered of one kind: each table read and checked, the names told apart.
  private static func offers<Table, Offer>(
    _ reader: ForeignReader, _ tables: UnsafePointer<Table>?, _ count: UInt32, _ kind: String, empty: Table,
    name: KeyPath<Offer, String>, _ make: (Table) throws(PluginError) -> Offer
  ) throws(PluginError) -> [Offer] {
    var result: [Offer] = []
    if let array = try reader.array(tables, count, limit: Limits.offers, kind + "s") {
      for index in 0..<Int(count) {
        result.append(try make(try reader.element(index, of: array, empty, kind)))
      }
    }
    try reader.checkUnique(result.map { $0[keyPath: name] }, kind + "s")
    return result
  }
}
