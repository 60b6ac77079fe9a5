import ArgumentParser
import Glibc
import SwiftProtobuf
import Terminal
import Units
import WorkbenchAPI

/// Loads a model file.
struct Load: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Load a model file.",
    discussion: """
      The path is on the daemon's machine; a relative path starts at the client's current folder.

      Examples:
        workbench load SmolLM2-135M-Instruct.Q4_1.gguf --name smollm
        workbench load big.gguf --context-length 8192 --max-sequences 4 --cache-bytes 2G
      """)

  @Argument(help: "GGUF file; for a split model, any of its parts.", completion: .file(extensions: ["gguf"]))
  var path: String

  @Option(name: .shortAndLong, help: "Name to use in requests (default: the file's base name).")
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
    request.path = path.hasPrefix("/") || folder.isEmpty ? path : folder + (folder == "/" ? "" : "/") + path
    if let name { request.name = name }
    if let contextLength { request.contextLength = contextLength }
    if let threads { request.threads = threads }
    if let maxSequences { request.maxSequences = maxSequences }
    if let cacheBytes { request.cacheBytes = cacheBytes.bytes }
    if let cacheType { request.cacheType = cacheType }
    if let template { request.template = template }
    if let preset { request.preset = preset }
    if let profile { request.profile = profile }
    if let tokenizer { request.tokenizer = try FileInput.onThisMachine(tokenizer) }
    return request
  }

  func run() async throws {
    let console = Console.current
    let request = try request(folder: try Self.currentFolder())
    let title = request.hasName ? request.name : String(path.split(separator: "/").last ?? "model")
    try await connection.withClient { client in
      var display = ProgressDisplay(title: "loading \(title)", descriptor: console.error)
      defer { display.clear() }
      try await client.stream(ModelsMethods.load, request) { response in
        if format.json { return try console.printLine(response.jsonString()) }
        switch response.event {
        case .progress(let progress): display.show(fraction: progress.fraction, stage: progress.stage)
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

  private static func currentFolder() throws(ClientError) -> String {
    guard let path = getcwd(nil, 0) else { return "" }
    defer { free(path) }
    return try FileInput.path(path)
  }
}
