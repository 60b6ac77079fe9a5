import ArgumentParser
import SwiftProtobuf
import Terminal
import WorkbenchAPI

/// Writes a model as a new file.
struct Convert: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Write a model as a GGUF file with weights of another type.",
    discussion: """
      Both paths are on the daemon's machine; relative ones start at the client's current folder. The new file gets its \
      name when it is complete. Norms and vectors are F32. For q4_0 and q4_k the output matrix is Q6_K. A matrix whose \
      rows do not fill blocks of 256 gets Q5_0 instead of Q4_K, and Q8_0 instead of Q6_K; one whose rows do not fill \
      blocks of 32 gets F16.

      MODEL may be a folder as the Hugging Face hub holds it. Its tokenizer becomes a vocabulary of GGUF: Llama's \
      SentencePiece, byte-level BPE with a splitting rule that llama.cpp knows, or Unigram from a tokenizer.model. What \
      the new file cannot say is noted.

      Examples:
        workbench convert Mistral-7B-v0.1 mistral.gguf --type q4_k
        workbench convert mistral.F16.gguf mistral.gguf --type q8_0
        workbench convert mistral.gguf vocabulary.gguf --tokenizer-only
      """)

  @Argument(
    help: "GGUF file, for a split model any of its parts; or a folder with config.json.", completion: .file())
  var model: String

  @Argument(help: "File to write; its name ends in .gguf.", completion: .file(extensions: ["gguf"]))
  var output: String

  @Option(
    help: ArgumentHelp("Type of the weights: f32, f16, bf16, q8_0, q4_0 or q4_k.", valueName: "type"),
    completion: .list(["f32", "f16", "bf16", "q8_0", "q4_0", "q4_k"]))
  var type: String?

  @Flag(help: "Write metadata and vocabulary, without weights.")
  var tokenizerOnly = false

  @Flag(help: "Replace the file if it exists and is a GGUF file.")
  var force = false

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func validate() throws {
    guard tokenizerOnly == (type == nil) else {
      throw ValidationError("give either --type or --tokenizer-only")
    }
  }

  /// The request; `folder` is where relative paths start.
  func request(folder: String) -> ProtoConvertModelRequest {
    var request = ProtoConvertModelRequest()
    request.path = FileInput.absolute(model, in: folder)
    request.output = FileInput.absolute(output, in: folder)
    request.type = type ?? ""
    request.tokenizerOnly = tokenizerOnly
    request.replace = force
    return request
  }

  func run() async throws {
    let console = Console.current
    let request = request(folder: try FileInput.currentFolder())
    let title = String(output.split(separator: "/").last ?? "model")
    try await connection.withClient { client in
      var display = ProgressDisplay(title: title, descriptor: console.error)
      defer { display.clear() }
      let start = ContinuousClock.now
      try await client.stream(ModelsMethods.convert, request) { response in
        if format.json { return try console.printLine(response.jsonString()) }
        switch response.event {
        case .progress(let progress):
          let work = WorkDone(bytes: progress.bytesWritten, of: progress.bytesTotal, since: start)
          display.show(fraction: work.fraction, stage: "writing", detail: work.text)
        case .result(let result):
          display.clear()
          try console.print(ConversionText.result(result, output: output))
        case nil: break
        }
      }
    }
  }
}
