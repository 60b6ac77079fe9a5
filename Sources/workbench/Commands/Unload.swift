import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Unloads a model.
struct Unload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Unload a model and free its memory.",
    discussion: "Answers of the model that are under way end at once.")

  @Argument(help: "Loaded model.", completion: Completions.models)
  var name: String

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func run() async throws {
    var request = ProtoUnloadModelRequest()
    request.name = name
    let response = try await connection.withClient { try await $0.call(ModelsMethods.unload, request) }
    try Console.current.printLine(format.json ? response.jsonString() : "unloaded \(name)")
  }
}
