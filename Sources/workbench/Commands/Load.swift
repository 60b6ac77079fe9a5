import ArgumentParser
import Glibc
import SwiftProtobuf
import Terminal
import Units
import WorkbenchAPI

/// Loads a model.
struct Load: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load a model.",
    discussion: """
      The path is on the daemon's machine; a relative path starts at the client's current folder.

      Examples:
        workbench load SmolLM2-135M-Instruct.Q4_1.gguf --name smollm
        workbench load ~/models/SynthIA-7B-v1.3
        workbench load big.gguf --context-length 8192 --max-sequences 4 --cache-bytes 2G
      """)

  @Argument(
    help: "GGUF file (of a split model, any part), or a folder as the Hugging Face hub holds it.",
    completion: .file(extensions: ["gguf"]))
  var path: String

  @Option(name: .shortAndLong, help: "Name to use in requests (default: the name of the file or folder).")
  var name: String?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp(
      "Maximum tokens in a sequence, prompt and answer (default: what the model was trained with).",
      valueName: "n"),
    transform: NumberArgument.count)
  var contextLength: UInt32?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Threads for computation (default: the available cores).", valueName: "n"),
    transform: NumberArgument.count)
  var threads: UInt32?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Requests that can run at the same time; others wait.", valueName: "n"),
    transform: NumberArgument.count)
  var maxSequences: UInt32?

  @Option(
    parsing: .unconditional,
    help: ArgumentHelp("Memory for the KV cache of all sequences, such as 512M or 2G.", valueName: "size"),
    transform: NumberArgument.size)
  var cacheBytes: ByteSize?

  @Option(
    help: ArgumentHelp(
      "Type of the KV cache: f16 or f32 (default: f16, or f32 if the weights are F32).", valueName: "type"
    ))
  var cacheType: String?

  @Option(
    help: ArgumentHelp(
      "Quantise weights that are floats while loading: q8_0, q4_0 or q4_k.", valueName: "type"),
    completion: .list(["q8_0", "q4_0", "q4_k"]))
  var quantize: String?

  @Option(
    name: .shortAndLong, help: "Template for this model's chats (default: the one in the model file).",
    completion: Completions.templates)
  var template: String?

  @Option(
    help: "Tokenizer to use instead of the model file's: a file, or the name of a plugin's.",
    completion: .file())
  var tokenizer: String?

  @Option(help: "Sampler preset for requests that do not name one (default: the profile's samplers).")
  var preset: String?

  @Option(
    help:
      "Profile for requests that do not name one (default: the model card's, if it is known); none: without.",
    completion: Completions.profiles)
  var profile: String?

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  /// The request; `folder` is where a relative path starts.
  func request(folder: String) throws -> ProtoLoadModelRequest {
    var request = ProtoLoadModelRequest()
    request.path = FileInput.absolute(path, in: folder)
    if let name { request.name = name }
    if let contextLength { request.contextLength = contextLength }
    if let threads { request.threads = threads }
    if let maxSequences { request.maxSequences = maxSequences }
    if let cacheBytes { request.cacheBytes = cacheBytes.bytes }
    if let cacheType { request.cacheType = cacheType }
    if let quantize { request.quantize = quantize }
    if let template { request.template = template }
    if let preset { request.preset = preset }
    if let profile { request.profile = profile }
    if let tokenizer { request.tokenizer = try FileInput.onThisMachine(tokenizer) }
    return request
  }

  func run() async throws {
    let console = Console.current
    let request = try request(folder: try FileInput.currentFolder())
    let title = request.hasName ? request.name : String(path.split(separator: "/").last ?? "model")
    try await connection.withClient { client in
      var display = ProgressDisplay(title: "loading \(title)", descriptor: console.error)
      defer { display.clear() }
      let start = ContinuousClock.now
      try await client.stream(ModelsMethods.load, request) { response in
        if format.json { return try console.printLine(response.jsonString()) }
        switch response.event {
        case .progress(let progress):
          let work = WorkDone(bytes: progress.bytesDone, of: progress.bytesTotal, since: start)
          display.show(fraction: progress.fraction, stage: progress.stage, detail: work.text)
        case .model(let model):
          display.clear()
          let template = model.template.isEmpty ? "no template" : "template \(model.template)"
          try console.printLine(
            "loaded \(model.name): \(model.quantization), \(Format.bytes(model.fileBytes)), "
              + "context \(model.contextLength), \(template)")
        case nil: break
        }
      }
    }
  }
}
