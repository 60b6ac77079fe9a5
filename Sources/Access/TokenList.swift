import Units

/// The tokens of a file: a line `NAME ROLE sha256:HASH` each, beside comments and empty lines.
public struct TokenList: Sendable, Equatable {
  /// A token by the hash that is kept of it.
  public struct Entry: Sendable, Equatable {
    /// The name that its creator gave it.
    public var name: String
    /// What its bearer may do.
    public var role: Role
    /// The SHA-256 hash of the token.
    var digest: [UInt8]
  }

  private static let header = [
    "# Tokens of workbenchd: NAME ROLE HASH. 'workbench token' creates and revokes them."
  ]
  private static let hashPrefix = "sha256:"
  private static let hashBytes = 32

  /// The tokens, in the order of the file.
  public private(set) var entries: [Entry] = []
  /// The lines of the file, comments among them.
  private var lines: [String] = header

  /// A file without tokens.
  public init() {}

  /// Reads a file's text; `place` names it in errors.
  public init(text: String, place: String) throws(AccessError) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
    for (index, line) in lines.enumerated() {
      do throws(AccessError) {
        guard let entry = try Self.entry(line) else { continue }
        try add(entry)
      } catch {
        throw AccessError(.invalid, "\(place), line \(index + 1): \(error.message)")
      }
    }
  }

  /// The file's text.
  public var text: String { lines.map { $0 + "\n" }.joined() }

  /// The entry of a token; every entry is compared, so the time tells nothing about them.
  public func entry(of token: String) -> Entry? {
    guard token.utf8.count <= Limits.tokenCharacters else { return nil }
    let digest = Secret.digest(of: token)
    var found: Entry?
    for entry in entries where Secret.areEqual(entry.digest, digest) { found = entry }
    return found
  }

  /// Adds a token under a new name.
  public mutating func add(_ name: String, _ role: Role, token: String) throws(AccessError) {
    let entry = Entry(name: name, role: role, digest: Secret.digest(of: token))
    try Self.check(name)
    try add(entry)
    lines.append("\(name) \(role.rawValue) \(Self.hashPrefix)\(Self.hexadecimal(entry.digest))")
  }

  /// Removes a token.
  public mutating func remove(_ name: String) throws(AccessError) {
    guard entries.contains(where: { $0.name == name }) else {
      let known = entries.isEmpty ? "it has none" : "it has: \(entries.map(\.name).joined(separator: ", "))"
      throw AccessError(.notFound, "no token is named '\(name)'; \(known)")
    }
    entries.removeAll { $0.name == name }
    lines.removeAll { Self.words($0).first.map(String.init) == name }
  }

  private mutating func add(_ entry: Entry) throws(AccessError) {
    guard !entries.contains(where: { $0.name == entry.name }) else {
      throw AccessError(
        .exists, "a token named '\(entry.name)' already exists; revoke it or choose another name")
    }
    guard entries.count < Limits.tokens else {
      throw AccessError(.invalid, "more than \(Limits.tokens) tokens; revoke those that are not used")
    }
    entries.append(entry)
  }

  private static func words(_ line: String) -> [Substring] {
    line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
  }

  /// The token of a line; nil for a comment or an empty line.
  private static func entry(_ line: String) throws(AccessError) -> Entry? {
    let words = words(line)
    guard let first = words.first, !first.hasPrefix("#") else { return nil }
    guard words.count == 3 else {
      throw AccessError(
        .invalid, "expected NAME ROLE \(hashPrefix)HASH, found \(counted(words.count, "word"))")
    }
    let name = String(first)
    try check(name)
    guard let role = Role(rawValue: String(words[1])) else {
      throw AccessError(.invalid, "'\(words[1].prefix(40))' is not a role; the roles are \(Role.names)")
    }
    guard words[2].hasPrefix(hashPrefix), let digest = bytes(words[2].dropFirst(hashPrefix.count)),
      digest.count == hashBytes
    else {
      // Not repeated: somebody may have put the token itself there.
      throw AccessError(
        .invalid, "the third word must be \(hashPrefix) and \(hashBytes * 2) hexadecimal digits")
    }
    return Entry(name: name, role: role, digest: digest)
  }

  private static func check(_ name: String) throws(AccessError) {
    let allowed = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || [0x2D, 0x2E, 0x5F].contains(byte)
    }
    guard allowed, (1...Limits.nameCharacters).contains(name.utf8.count) else {
      throw AccessError(
        .invalid,
        "a token's name has 1 to \(Limits.nameCharacters) letters, digits, '-', '_' and '.'")
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(_ text: Substring) -> [UInt8]? {
    let digits = text.utf8.map { byte -> UInt8? in
      switch byte {
      case 0x30...0x39: byte - 0x30
      case 0x41...0x46: byte - 0x41 + 10
      case 0x61...0x66: byte - 0x61 + 10
      default: nil
      }
    }
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0) }
  }
}
