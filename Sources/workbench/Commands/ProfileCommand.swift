import ArgumentParser
import SwiftProtobuf
import WorkbenchAPI

/// The commands about profiles.
struct ProfileCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile", abstract: "Inspect profiles, set a model's, or make one from a model card.",
    discussion: """
      A profile holds what a model card says: template, system message, stop texts, samplers, token limit. It is a \
      file NAME.profile.yaml in a plugin folder of the daemon.
      """,
    subcommands: [List.self, Show.self, Set.self, ProfileImport.self])

  /// Lists the profiles.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the profiles.")

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      let response = try await connection.withClient {
        try await $0.profiles()
      }
      try Console.current.print(
        format.json ? response.jsonString() + "\n" : ProfileText.table(response.profiles))
    }
  }

  /// Prints a profile.
  struct Show: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Print the file of a profile.",
      discussion: """
        The output can be the beginning of your own profile:
          workbench profile show synthia-7b-v1.3 > ~/.local/share/workbench/plugins/mine.profile.yaml
        """)

    @Argument(help: "Profile.", completion: Completions.profiles)
    var name: String

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func run() async throws {
      var request = ProtoGetProfileRequest()
      request.name = name
      let response = try await connection.withClient { [request] in
        try await $0.call(ProfilesMethods.get, request)
      }
      try Console.current.print(format.json ? response.jsonString() + "\n" : response.yaml)
    }
  }

  /// Sets a model's profile.
  struct Set: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Set the profile of a loaded model, for requests that do not name one.",
      discussion: """
        Other options of a request override the profile. A model whose card is known has the card's profile until \
        another is set; with 'none' it has none.

        Examples:
          workbench profile set mistral synthia-7b-v1.3
          workbench profile set mistral none
          workbench profile set synthia --own
        """)

    @Argument(help: "Loaded model.", completion: Completions.models)
    var model: String

    @Argument(help: "Profile ('profile list' lists them), or none.", completion: Completions.profiles)
    var profile: String?

    @Flag(help: "Go back to the model card's profile, if it is known.")
    var own = false

    @OptionGroup var format: OutputFormat
    @OptionGroup var connection: Connection

    func validate() throws {
      if (profile == nil) != own { throw ValidationError("give either a profile or --own") }
      if profile?.isEmpty == true { throw ValidationError("a profile's name is not empty; --own resets it") }
    }

    func run() async throws {
      var request = ProtoUpdateModelRequest()
      request.name = model
      request.profile = profile ?? ""
      let response = try await connection.withClient { [request] in
        try await $0.call(ModelsMethods.update, request)
      }
      let console = Console.current
      if format.json { return try console.printLine(response.jsonString()) }
      let profile = response.model.profile
      try console.printLine("\(model) now uses \(profile.isEmpty ? "no profile" : "profile \(profile)")")
      console.note(untilRestart: response.untilRestart)
    }
  }
}
