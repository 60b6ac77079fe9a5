import Access
import Connecting
import HTTPTypes
import Hummingbird

/// Decides who may ask for what.
///
/// With a file of tokens every caller shows one. Without, the gateway listens on this machine only: every caller may
/// use models, and one who has the key of the page, which is printed at the start, may do what the page does.
struct Doorman: Sendable {
  /// The tokens that are accepted; nil: none is needed.
  let tokens: TokenStore?
  /// What the page sends instead of a token, where there are none.
  let pageKey: String
  /// Origins of other pages that may call.
  let origins: Set<String>
  /// The names by which this machine may be called without tokens, where a page of another name would have got here by
  /// a name that leads to this machine.
  let hosts: Set<String>

  /// Throws unless the request comes from a caller with at least this role.
  func check(_ request: Request, needs role: Role) throws(APIError) {
    try checkOrigin(request)
    let held = try self.role(of: request)
    guard held >= role else {
      throw APIError(
        status: 403, kind: .permission,
        message: "this needs the role '\(role.rawValue)', and the caller has '\(held.rawValue)'")
    }
  }

  /// Throws for a page of another origin, and for a name of this machine that is none.
  func checkOrigin(_ request: Request) throws(APIError) {
    let authority = request.head.authority ?? ""
    if tokens == nil, !hosts.contains(Self.host(of: authority)) {
      throw APIError(
        status: 403, kind: .permission,
        message:
          "the gateway is not called '\(authority)'; use one of \(hosts.sorted().joined(separator: ", "))")
    }
    guard let origin = request.headers[.origin] else { return }
    let isOwn = origin == "http://\(authority)" || origin == "https://\(authority)"
    guard isOwn || origins.contains(origin) else {
      throw APIError(
        status: 403, kind: .permission,
        message: "the origin '\(origin)' is not allowed; the gateway's --allow-origin names those that are")
    }
  }

  private func role(of request: Request) throws(APIError) -> Role {
    let secret = Self.secret(of: request)
    guard let tokens else { return secret.map { Secret.isSame($0, pageKey) } == true ? .manage : .use }
    guard let secret else {
      throw APIError(
        status: 401, kind: .authentication, message: "a token is needed: Authorization: Bearer TOKEN",
        code: "invalid_api_key")
    }
    guard let entry = tokens.entry(of: secret) else {
      throw APIError(
        status: 401, kind: .authentication, message: "the token is unknown or was revoked",
        code: "invalid_api_key")
    }
    return entry.role
  }

  /// The token as OpenAI's clients send it, or as Anthropic's do.
  private static func secret(of request: Request) -> String? {
    if let value = request.headers[.authorization], value.lowercased().hasPrefix("bearer ") {
      return String(value.dropFirst("bearer ".count))
    }
    return request.headers[.apiKey]
  }

  /// The host of an authority, without its port.
  static func host(of authority: String) -> String {
    if authority.hasPrefix("["), let end = authority.firstIndex(of: "]") { return String(authority[...end]) }
    return String(authority.prefix { $0 != ":" }).lowercased()
  }
}

extension HTTPField.Name {
  /// Anthropic's field for a token.
  static let apiKey = Self("x-api-key") ?? .authorization
  /// Anthropic's version of its API.
  static let anthropicVersion = Self("anthropic-version") ?? .authorization
}
