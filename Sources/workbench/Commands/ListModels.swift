import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Lists the loaded models.
struct ListModels: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ps", abstract: "List the loaded models and their state.", aliases: ["list"])

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func run() async throws {
    let response = try await connection.withClient { client in
      try await client.call(ModelsMethods.list, ProtoListModelsRequest())
    }
    if format.json { return try Console.current.printLine(response.jsonString()) }
    try Console.current.print(ModelText.table(response.models))
  }
}
