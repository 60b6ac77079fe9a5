import Foundation

/// What the code of two model cards gave to a model, and made of its answers; `Cards/record_cards.py` recorded it.
public struct CardRecording: Decodable, Sendable {
  /// A distribution, and the logits that it was made from.
  public struct Step: Decodable, Sendable {
    /// The seed of the logits.
    public var seed: UInt64
    /// The probabilities of the tokens that can be drawn, by id.
    public var probabilities: [String: Double]
  }

  /// One turn of a conversation.
  public struct Turn: Decodable, Sendable {
    /// What the user said.
    public var user: String
    /// What the model wrote.
    public var raw: String
    /// What the card's code made of that.
    public var answer: String
    /// The prompt before the answer.
    public var prompt: String
    /// Its tokens.
    public var ids: [UInt32]
    /// The limit of the answer.
    public var limit: UInt32
    /// Some steps of the answer.
    public var steps: [Step]
  }

  /// Tokens in the logits of `steps`.
  public var count: Int
  /// The logits are uniform between this and its negative.
  public var spread: Double
  /// Conversations by the name of the profile.
  public var cards: [String: [[Turn]]]
  /// Tokens in the logits of `draws`.
  public var drawn: Int
  /// By the name of the profile, a distribution to draw from many times.
  public var draws: [String: Step]

  /// The profiles that were recorded.
  public static let names = ["synthia-7b-v1.3", "synatra-7b-v0.3-rp"]
  /// The folder with the recording and the cards.
  public static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Cards"

  /// Reads the recording.
  public static func load() throws -> CardRecording {
    try JSONDecoder().decode(
      CardRecording.self, from: PackedFile.contents(of: folder + "/cards.json.xz"))
  }

  /// The logits of a seed.
  public func logits(_ seed: UInt64, count: Int) -> [Float] {
    var random = SplitMix64(seed: seed)
    return (0..<count).map { _ in
      Float((Double(random.next() >> 40) / Double(1 << 24) - 0.5) * 2 * spread)
    }
  }

  /// Writes a GGUF file with the vocabulary of Mistral 7B.
  public static func writeVocabulary(to path: String) throws {
    let packed = folder + "/../../TokenizersTests/Fixtures/vocab/mistral-v1.gguf.xz"
    try PackedFile.contents(of: packed).write(to: URL(fileURLWithPath: path))
  }
}
