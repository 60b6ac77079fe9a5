/// The limits of token files and of the paths that clients name.
enum Limits {
  /// Size of a token file in bytes.
  static let tokenFileBytes = 1 << 20
  /// Tokens in a file.
  static let tokens = 10_000
  /// Length of a token's name in characters.
  static let nameCharacters = 64
  /// Length of a token in characters; a longer one is unknown without being hashed.
  static let tokenCharacters = 512
  /// Randomness of a token in bytes.
  static let randomBytes = 32
}
