/// The recommendations of a known model card: a template for files without one, and sampler settings.
public struct ModelCard: Sendable, Equatable {
  /// The template of its chats.
  public let template: String
  /// The preset of the card's own code.
  public let preset: String
  /// Whether the card's own code puts BOS in front.
  public let addsBOS: Bool

  /// The card that a file's title or name points to; nil if none is known.
  public static func profile(title: String, path: String) -> ModelCard? {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    let names = [title.lowercased(), file.lowercased()]
    return known.first { key, _ in names.contains { $0.contains(key) } }?.card
  }

  private static let known: [(key: String, card: ModelCard)] = [
    ("synthia-7b", ModelCard(template: "synthia", preset: "synthia", addsBOS: true)),
    ("synatra-7b", ModelCard(template: "chatml", preset: "synatra", addsBOS: false)),
  ]
}
