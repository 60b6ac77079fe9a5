/// How the rows of a tensor lie in its file, where that differs from GGUF's order.
enum RowOrder: Sendable, Equatable {
  /// As GGUF has them.
  case stored
  /// Heads of `headLength` rows in two halves, whose rows GGUF has in turn: query and key projections of Llama.
  ///
  /// A rotation takes two values of a head: in GGUF they are neighbours, in transformers half a head apart.
  case halves(headLength: Int)

  /// The place in the file of a row in GGUF's order.
  func stored(_ row: Int) -> Int {
    switch self {
    case .stored: return row
    case .halves(let length):
      let place = row % length
      return row - place + place % 2 * (length / 2) + place / 2
    }
  }
}
