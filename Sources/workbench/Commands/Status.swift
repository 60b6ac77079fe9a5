import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// Shows the daemon's state.
struct Status: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Show the daemon's version, addresses, memory and models.")

  @OptionGroup var format: OutputFormat
  @OptionGroup var connection: Connection

  func run() async throws {
    let response = try await connection.withClient { client in
      try await client.call(DaemonMethods.status, ProtoDaemonStatusRequest())
    }
    try Console.current.print(format.json ? response.jsonString() + "\n" : StatusText.text(response))
  }
}
