import CWorkbenchPlugin
import Glibc

/// A loaded library and what it offers; libraries are never unloaded.
public struct PluginLibrary: Sendable {
  /// Where it was loaded from.
  public let path: String
  /// The name that it gives itself.
  public let name: String
  /// Its version, as it states it.
  public let version: String
  /// What it is for, in one line.
  public let summary: String
  /// The samplers that it offers.
  public let samplers: [PluginSampler]
  /// The prompt templates that it offers.
  public let templates: [PluginTemplate]
  /// The tokenizers that it offers, without their vocabularies.
  public let tokenizers: [PluginTokenizerSource]

  /// Loads a library, runs its constructors and entry function, and reads its tables.
  ///
  /// A library that crashes or hangs ends this process: try unknown ones in a process of their own (`PluginTrial`).
  ///
  /// - Throws: `PluginError` with the first reason to refuse it.
  public static func open(
    _ path: String, settings: PluginSettings = PluginSettings()
  ) throws(PluginError) -> PluginLibrary {
    settings.recorder?.enter()
    defer { settings.recorder?.leave() }
    let library = try PluginLibrary(ForeignReader(path: path), offer: load(path, settings), settings)
    settings.recorder?.noteOpen()
    return library
  }

  /// Loads a library, runs its constructors and entry function; what it offers is not checked yet.
  static func load(_ path: String, _ settings: PluginSettings) throws(PluginError) -> wb_plugin {
    try PluginFile.check(path)
    // Without a slash, the loader would search its own directories.
    let file = path.contains("/") ? path : "./" + path
    guard let handle = dlopen(file, RTLD_NOW | RTLD_LOCAL) else {
      throw PluginError(.loader, path, lastLoaderError)
    }
    guard let symbol = dlsym(handle, "workbench_plugin_entry") else {
      throw PluginError(
        .symbol, path,
        "it does not export workbench_plugin_entry (in C++, include workbench_plugin.h before defining it)")
    }
    let entry = unsafeBitCast(
      symbol,
      to: (@convention(c) (_: UnsafePointer<wb_host>?, UnsafeMutablePointer<wb_plugin>?) -> wb_status).self)
    return try call(entry, path, settings)
  }

  private static var lastLoaderError: String {
    dlerror().map { printable(String(cString: $0)) } ?? "the loader refused it"
  }

  /// Calls the entry function with room for the larger struct of a newer plugin, and checks the memory around it.
  private static func call(
    _ entry: @convention(c) (UnsafePointer<wb_host>?, UnsafeMutablePointer<wb_plugin>?) -> wb_status,
    _ path: String, _ settings: PluginSettings
  ) throws(PluginError) -> wb_plugin {
    guard let room = GuardedMemory(bytes: Limits.structBytes) else {
      throw PluginError(.memory, path, "there is not enough memory to open it")
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
      throw PluginError(.memory, path, "its entry function wrote outside the memory it was given")
    }
    guard status == Status.ok else {
      throw PluginError(.entry, path, "its entry function returned \(Status.name(of: status))")
    }
    let reader = ForeignReader(path: path)
    let size = try reader.size(of: plugin.pointee.header, least: Int(WB_PLUGIN_1_0), "the plugin")
    return reader.read(plugin, size: size, wb_plugin())
  }

  /// Reads and checks what a library offers.
  init(_ reader: ForeignReader, offer: wb_plugin, _ settings: PluginSettings) throws(PluginError) {
    path = reader.path
    name = try reader.name(offer.name, "the name of the plugin")
    version = try reader.line(offer.version, "the version of the plugin", limit: Limits.nameBytes)
    summary = try reader.line(offer.summary, "the summary of the plugin")
    let plugin = name
    samplers = try Self.offers(
      reader, offer.samplers, offer.sampler_count, "sampler", wb_sampler(), WB_SAMPLER_1_0, name: \.name
    ) { (table) throws(PluginError) in try PluginSampler(table, plugin: plugin, reader, settings) }
    templates = try Self.offers(
      reader, offer.templates, offer.template_count, "template", wb_template(), WB_TEMPLATE_1_0, name: \.name
    ) { (table) throws(PluginError) in try PluginTemplate(table, plugin: plugin, reader, settings) }
    tokenizers = try Self.offers(
      reader, offer.tokenizers, offer.tokenizer_count, "tokenizer", wb_tokenizer(), WB_TOKENIZER_1_0,
      name: \.name
    ) { (table) throws(PluginError) in try PluginTokenizerSource(table, plugin: plugin, reader, settings) }
    guard !samplers.isEmpty || !templates.isEmpty || !tokenizers.isEmpty else {
      throw PluginError(.count, path, "it offers no sampler, template or tokenizer")
    }
  }

  /// What is offered of one kind: reads and checks each table and the names.
  private static func offers<Table, Offer>(
    _ reader: ForeignReader, _ tables: UnsafePointer<Table>?, _ count: UInt32, _ kind: String, _ empty: Table,
    _ least: Int, name: KeyPath<Offer, String>, _ make: (Table) throws(PluginError) -> Offer
  ) throws(PluginError) -> [Offer] {
    var result: [Offer] = []
    for table in try reader.elements(tables, count, empty, least: least, kind) {
      result.append(try make(table))
    }
    try reader.checkUnique(result.map { $0[keyPath: name] }, kind + "s")
    return result
  }
}
