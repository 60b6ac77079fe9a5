import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Ends a model.
struct Unload: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Unload a model and give its memory back.",
    discussion: "Its running answers end at once.")

  @Argument(help: "The model.", completion: Completions.models)
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
