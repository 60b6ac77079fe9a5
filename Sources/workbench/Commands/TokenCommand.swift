import Access
import ArgumentParser
import Terminal

/// The commands about tokens; they change the file, not the daemon.
struct TokenCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "token",
    abstract: "Create, list and revoke the tokens that callers over TCP need.",
    discussion: """
      The tokens are in a file on the daemon's machine, which workbenchd --tokens FILE reads again whenever it changes. \
      It holds names, roles and hashes; a token itself is printed once, when it is created.

      Roles, each of which includes the ones before it:
        read    see models, templates, samplers, plugins and the daemon's status
        use     generate, render and tokenize; load models from workbenchd --model-folder
        manage  everything else: unload models, put templates, stop the daemon, name any path
      """,
    subcommands: [Create.self, List.self, Revoke.self])

  /// Creates a token.
  struct Create: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Create a token and print it.",
      discussion: """
        Examples:
          (umask 077; workbench token create ci --role use > ci.token)
          workbench status --address https://models.example:50051 --token-file ci.token
        """)

    @Argument(help: "Name of the token: letters, digits, '-', '_' and '.'.")
    var name: String

    @Option(
      help: "What its bearer may do: read, use or manage.", completion: .list(Role.allCases.map(\.rawValue)),
      transform: Self.role)
    var role: Role

    @OptionGroup var file: TokenFileOption

    private static func role(_ text: String) throws -> Role {
      guard let role = Role(rawValue: text) else {
        throw ValidationError("'\(text)' is not a role; the roles are \(Role.names)")
      }
      return role
    }

    func run() async throws {
      let token = Secret.make()
      let file = try file.file()
      try changing { () throws(AccessError) in
        try file.update { list throws(AccessError) in try list.add(name, role, token: token) }
      }
      try Console.current.printLine(token)
      Console.current.note("added '\(name)' to \(file.path); the token is not shown again\n")
    }
  }

  /// Lists the tokens.
  struct List: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "List the names and roles of the tokens.")

    @OptionGroup var file: TokenFileOption

    func run() async throws {
      let file = try file.file()
      var list = TokenList()
      try changing { () throws(AccessError) in list = try file.read() }
      var table = Table([.init("NAME"), .init("ROLE")])
      for entry in list.entries { table.add([entry.name, entry.role.rawValue]) }
      try Console.current.print(table.text)
    }
  }

  /// Revokes a token.
  struct Revoke: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Revoke a token: the daemon refuses its next call.")

    @Argument(help: "Name of the token.")
    var name: String

    @OptionGroup var file: TokenFileOption

    func run() async throws {
      let file = try file.file()
      try changing { () throws(AccessError) in
        try file.update { list throws(AccessError) in try list.remove(name) }
      }
      try Console.current.printLine("revoked \(name)")
    }
  }

  /// Runs `body`, whose error becomes one for the user.
  private static func changing(_ body: () throws(AccessError) -> Void) throws(ClientError) {
    do throws(AccessError) { try body() } catch { throw ClientError(error) }
  }
}

/// Which token file.
struct TokenFileOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Token file (default: $XDG_CONFIG_HOME/workbench/tokens, or ~/.config/workbench/tokens).",
      valueName: "file"),
    completion: .file())
  var tokensFile: String?

  /// The file that was named, or the default one.
  func file() throws(ClientError) -> TokenFile {
    guard let path = tokensFile ?? TokenFile.defaultPath else {
      throw ClientError(.usage, "neither XDG_CONFIG_HOME nor HOME is set; give --tokens-file FILE")
    }
    return TokenFile(path)
  }
}
