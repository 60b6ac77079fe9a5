public import Access
import Concurrency
import Glibc
public import RPC
import Runtime
import State

/// Who may call what: the socket's owner may manage, a caller over TCP what its token says.
public struct AccessControl: Sendable {
  /// A path that a request names, as this caller may open it.
  struct AllowedPath: Sendable, Equatable {
    var path: String
    /// Whether it is free of links and must be opened without following any.
    var refusesLinks: Bool
  }

  /// A caller with a role, and how it got it.
  struct Caller: Equatable {
    var role: Role
    var title: String
    /// Whose conversations it makes: "local", "token:NAME" or "tcp".
    var owner: String
  }

  private let tokens: TokenStore?
  private let folders: ModelFolders
  private let owner: UInt32

  /// - Parameters:
  ///   - tokens: Nil: callers over TCP need no token and have the role `use`.
  ///   - folders: Where callers that may not manage can name files.
  ///   - owner: The user of the unix socket, beside root; nil: the user of this process.
  public init(
    tokens: TokenStore? = nil, folders: ModelFolders = ModelFolders(), owner: UInt32? = nil
  ) {
    self.tokens = tokens
    self.folders = folders
    self.owner = owner ?? geteuid()
  }

  /// Refuses a call whose caller lacks the role that its method needs.
  ///
  /// - Throws: UNAUTHENTICATED without a valid token, PERMISSION_DENIED with too small a role.
  @Sendable public func admit(_ context: ServerContext) throws(RPCError) {
    guard let requirement = MethodRoles.table[context.method] else {
      throw RPCError(.permissionDenied, "\(context.method) has no role, so nobody can call it")
    }
    guard case .role(let needed) = requirement else { return }
    let caller = try caller(context)
    guard caller.role < needed else { return }
    throw RPCError(
      .permissionDenied,
      "\(context.method.dropFirst()) needs the role '\(needed.rawValue)'; \(caller.title) has the role "
        + "'\(caller.role.rawValue)'")
  }

  /// A file or folder that a request names in `field`: any for callers that may manage, else one in the folders.
  ///
  /// - Parameter isPlugin: Whether `path` is the name of a plugin's tokenizer, which every caller may use.
  func file(
    _ path: String, isPlugin: Bool = false, field: String, _ context: ServerContext
  ) async throws -> AllowedPath {
    if try caller(context).role >= .manage { return AllowedPath(path: path, refusesLinks: false) }
    // A worker that could not open the plugin looks for a file of that name, and refuses it.
    if isPlugin { return AllowedPath(path: path, refusesLinks: true) }
    do {
      // On a thread of its own: a folder may be on a disk that is slow to answer.
      let resolved = try await OwnThread.run { [folders] in try folders.resolve(path) }
      return AllowedPath(path: resolved, refusesLinks: true)
    } catch let error as AccessError {
      throw RPCError(.permissionDenied, "\(field): \(error.message)")
    }
  }

  /// Whose conversations the caller reaches.
  func reach(_ context: ServerContext) throws(RPCError) -> ConversationReach {
    let caller = try caller(context)
    return ConversationReach(owner: caller.owner, isEverybodys: caller.role >= .manage)
  }

  /// Who calls, as far as that is known: a process, a token, or an address.
  func client(_ context: ServerContext) -> String {
    switch context.peer {
    case .local: return "local"
    case .unix(let uid, let pid): return "process \(pid) of user \(uid)"
    case .tcp(let address):
      guard let tokens, let entry = try? Self.entry(context.metadata, tokens) else { return address }
      return "token \(entry.name)"
    }
  }

  private func caller(_ context: ServerContext) throws(RPCError) -> Caller {
    try caller(context.peer, context.metadata)
  }

  func caller(_ peer: Peer, _ metadata: Metadata) throws(RPCError) -> Caller {
    switch peer {
    case .local: return Caller(role: .manage, title: "this process", owner: "local")
    case .unix(let uid, _):
      guard uid == owner || uid == 0 else {
        throw RPCError(
          .permissionDenied, "the unix socket belongs to user \(owner); user \(uid) cannot use it")
      }
      return Caller(role: .manage, title: "user \(uid)", owner: "local")
    case .tcp:
      guard let tokens else {
        return Caller(
          role: .use, title: "a caller over TCP without tokens (the daemon's option --tokens)", owner: "tcp")
      }
      let entry = try Self.entry(metadata, tokens)
      return Caller(role: entry.role, title: "the token '\(entry.name)'", owner: "token:\(entry.name)")
    }
  }

  private static func entry(_ metadata: Metadata, _ tokens: TokenStore) throws(RPCError) -> TokenList.Entry {
    let advice = "create one with 'workbench token create NAME --role use' and give it with --token-file FILE"
    guard let header = metadata["authorization"] else {
      throw RPCError(
        .unauthenticated, "the call has no token (metadata 'authorization: Bearer TOKEN'); \(advice)")
    }
    let words = header.split(separator: " ")
    guard words.count == 2, words[0].lowercased() == "bearer" else {
      // Not repeated: it may hold a secret.
      throw RPCError(.unauthenticated, "the metadata 'authorization' must be 'Bearer TOKEN'; \(advice)")
    }
    guard let entry = tokens.entry(of: String(words[1])) else {
      throw RPCError(.unauthenticated, "the token is unknown or was revoked; \(advice)")
    }
    return entry
  }
}
