import CWorkbenchPlugin
import Glibc

/// A library in another process as tables of functions that make their calls there.
///
/// The tables are allocated and never freed: a trial's process tries one library.
struct RemoteLibrary {
  /// What the library offers, for `PluginLibrary` to check and read like any other's.
  let offer: wb_plugin

  /// Reads the description.
  init(_ description: inout MessageReader, _ process: LibraryProcess) throws(LibraryEnd) {
    var plugin = wb_plugin()
    plugin.header = HostTable.header(of: wb_plugin.self)
    plugin.name = try Self.text(&description)
    plugin.version = try Self.text(&description)
    plugin.summary = try Self.text(&description)
    var samplers: [wb_sampler] = []
    for index in 0..<(try description.count()) {
      samplers.append(try Self.sampler(&description, RemoteOffer(process, index)))
    }
    var templates: [wb_template] = []
    for index in 0..<(try description.count()) {
      templates.append(try Self.template(&description, RemoteOffer(process, index)))
    }
    var tokenizers: [wb_tokenizer] = []
    for index in 0..<(try description.count()) {
      tokenizers.append(try Self.tokenizer(&description, process, index))
    }
    (plugin.samplers, plugin.sampler_count) = Self.lasting(samplers)
    (plugin.templates, plugin.template_count) = Self.lasting(templates)
    (plugin.tokenizers, plugin.tokenizer_count) = Self.lasting(tokenizers)
    offer = plugin
  }

  private static func sampler(
    _ description: inout MessageReader, _ offer: RemoteOffer
  ) throws(LibraryEnd) -> wb_sampler {
    var sampler = RemoteSampler.table
    sampler.header = HostTable.header(of: wb_sampler.self)
    sampler.name = try text(&description)
    sampler.summary = try text(&description)
    sampler.flags = try description.uint32()
    offer.isStateful = Int(sampler.flags) & WB_STATEFUL != 0
    if try !description.flag() { sampler.clone = nil }
    if try !description.flag() { sampler.accept = nil }
    if try !description.flag() { sampler.reset = nil }
    var parameters: [wb_parameter] = []
    for _ in 0..<(try description.count()) {
      var parameter = wb_parameter()
      parameter.header = HostTable.header(of: wb_parameter.self)
      parameter.name = try text(&description)
      parameter.meaning = try text(&description)
      parameter.type = try description.int32()
      let fallback = try text(&description)
      parameter.fallback.i64 = Int64(bitPattern: try description.number())
      parameter.minimum.i64 = Int64(bitPattern: try description.number())
      parameter.maximum.i64 = Int64(bitPattern: try description.number())
      if Int(parameter.type) == WB_TEXT { parameter.fallback.text = fallback }
      parameters.append(parameter)
    }
    (sampler.parameters, sampler.parameter_count) = lasting(parameters)
    sampler.context = Unmanaged.passRetained(offer).toOpaque()
    return sampler
  }

  private static func template(
    _ description: inout MessageReader, _ offer: RemoteOffer
  ) throws(LibraryEnd) -> wb_template {
    var template = wb_template()
    template.header = HostTable.header(of: wb_template.self)
    template.name = try text(&description)
    template.summary = try text(&description)
    var stops: [UnsafePointer<CChar>?] = []
    for _ in 0..<(try description.count()) { stops.append(try text(&description)) }
    (template.stop_strings, template.stop_string_count) = lasting(stops)
    template.context = Unmanaged.passRetained(offer).toOpaque()
    template.render = RemoteTemplate.render
    return template
  }

  private static func tokenizer(
    _ description: inout MessageReader, _ process: LibraryProcess, _ index: Int
  ) throws(LibraryEnd) -> wb_tokenizer {
    var tokenizer = wb_tokenizer()
    tokenizer.header = HostTable.header(of: wb_tokenizer.self)
    tokenizer.name = try text(&description)
    tokenizer.summary = try text(&description)
    tokenizer.flags = try description.uint32()
    tokenizer.vocabulary_size = try description.int32()
    tokenizer.bos = try description.int32()
    tokenizer.eos = try description.int32()
    tokenizer.unknown = try description.int32()
    tokenizer.padding = try description.int32()
    var ends: [Int32] = []
    for _ in 0..<(try description.count()) { ends.append(try description.int32()) }
    (tokenizer.end_of_generation, tokenizer.end_of_generation_count) = lasting(ends)
    let offer = RemoteTokenizer(process, index, vocabularySize: tokenizer.vocabulary_size)
    tokenizer.context = Unmanaged.passRetained(offer).toOpaque()
    tokenizer.encode = RemoteTokenizer.encode
    tokenizer.decode = RemoteTokenizer.decode
    return tokenizer
  }

  /// A text as C has it, up to its first zero byte.
  private static func text(_ description: inout MessageReader) throws(LibraryEnd) -> UnsafePointer<CChar>? {
    let (pointer, _) = lasting(try description.bytes().map { CChar(bitPattern: $0) } + [0])
    return pointer
  }

  private static func lasting<Element>(_ elements: [Element]) -> (UnsafePointer<Element>?, UInt32) {
    guard !elements.isEmpty else { return (nil, 0) }
    let place = UnsafeMutablePointer<Element>.allocate(capacity: elements.count)
    place.initialize(from: elements, count: elements.count)
    return (UnsafePointer(place), UInt32(clamping: elements.count))
  }
}

/// Something that a library in another process offers: the context of the functions that call it.
class RemoteOffer {
  let process: LibraryProcess
  let index: Int
  /// Whether it is a sampler whose instances must not be null.
  var isStateful = false

  init(_ process: LibraryProcess, _ index: Int) {
    self.process = process
    self.index = index
  }

  static func of(_ context: UnsafeMutableRawPointer?) -> Self? {
    context.map { Unmanaged<Self>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Makes a call there: `write` completes the request, `read` takes over what follows status and message.
  ///
  /// A failure of the process is a failed call, and the trial finds out why from the process.
  func call(
    _ kind: LibraryRequest, _ error: UnsafeMutablePointer<CChar>?, _ capacity: Int,
    _ write: (inout MessageWriter) -> Void, _ read: (inout MessageReader) throws(LibraryEnd) -> Void
  ) -> wb_status {
    var request = MessageWriter(kind)
    write(&request)
    do throws(LibraryEnd) {
      var answer = try process.ask(request)
      let status = try answer.int32()
      let isIntact = try answer.flag()
      let message = try answer.bytes()
      if let error {
        for (place, byte) in message.prefix(capacity).enumerated() { error[place] = CChar(bitPattern: byte) }
        if message.count < capacity { error[message.count] = 0 }
        // The monitor of the call looks there, as it does for a library in this process.
        if !isIntact { error[capacity] = ~error[capacity] }
      }
      try read(&answer)
      return status
    } catch {
      process.fail(error)
      return Status.failed
    }
  }
}
