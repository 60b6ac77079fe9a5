import ArgumentParser
import Files
import Foundation
import Glibc
import SwiftProtobuf
import WorkbenchAPI

extension TokenizerCommand {
  /// Writes a model's tokenizer as files.
  struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write a loaded model's tokenizer as tokenizer.json and tokenizer_config.json.",
      discussion: """
        The files are those that Hugging Face's transformers loads (AutoTokenizer.from_pretrained), with the chat \
        template. What is written is the model file's own tokenizer, even if another one was set. The folder is on \
        this machine, and is made if it does not exist.

        Examples:
          workbench tokenizer export smollm ./smollm-tokenizer
        """)

    @Argument(help: "Loaded model.", completion: Completions.models)
    var model: String

    @Argument(help: "Folder to write to.", completion: .directory)
    var folder: String

    @Flag(help: "Replace files that exist.")
    var force = false

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let console = Console.current
      var request = ProtoExportTokenizerRequest()
      request.model = model
      let filled = request
      let response = try await connection.withClient { try await $0.call(TokenizersMethods.export, filled) }
      if format.json { return try console.printLine(response.jsonString()) }
      try write(response.files)
      for file in response.files {
        try console.printLine("wrote \(path(file.name)): \(Format.bytes(UInt64(file.content.count)))")
      }
    }

    /// Writes all files before the first gets its name.
    private func write(_ files: [ProtoTokenizerFile]) throws(ClientError) {
      guard mkdir(folder, 0o777) == 0 || errno == EEXIST else {
        throw ClientError(
          .failure, "cannot create the folder '\(folder)': \(String(cString: strerror(errno)))")
      }
      do throws(FileError) {
        var written: [NewFile] = []
        for file in files {
          let new = try NewFile(path: path(file.name), replacing: force)
          try new.write([UInt8](file.content))
          written.append(new)
        }
        for file in written { try file.complete() }
      } catch {
        let status: ExitStatus =
          error.kind == .exists ? .refused : error.kind == .notFound ? .notFound : .failure
        throw ClientError(
          status, error.message, hint: error.kind == .exists ? "to replace it, add --force" : nil)
      }
    }

    /// A file's place; the daemon's names are those of files in the folder, nothing else.
    private func path(_ name: String) -> String {
      folder + (folder.hasSuffix("/") ? "" : "/") + name.filter { $0 != "/" }
    }
  }
}
