import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Shows one model.
struct Show: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Show the details of a model.")

  @Argument(help: "Model to show (default: the only loaded one).", completion: Completions.models)
  var name: String?

  @Flag(help: "Also show the metadata of the model file.")
  var metadata = false

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func run() async throws {
    let response = try await connection.withClient { client in
      var request = ProtoGetModelRequest()
      request.name = try await client.model(name)
      return try await client.call(ModelsMethods.get, request)
    }
    if format.json { return try Console.current.printLine(response.jsonString()) }
    try Console.current.print(ModelText.details(response.model))
    if metadata { try Console.current.print("\n" + ModelText.metadata(response.metadata)) }
  }
}
