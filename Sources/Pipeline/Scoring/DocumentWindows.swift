import Engine
import Tokens

/// Cuts a document into windows so that every token is scored once, after as many tokens as its window has before it.
///
/// Source: `get_rolling_token_windows` of lm-evaluation-harness.
enum DocumentWindows {
  /// The windows of a document.
  ///
  /// - Parameters:
  ///   - tokens: What the first token is scored after, then the document.
  ///   - length: Positions of a window.
  ///   - overlap: Tokens of every window but the first that were in the one before, if all of it is new; 1 to `length`.
  static func cut(_ tokens: [TokenID], length: Int, overlap: Int) -> [ScoringRequest.Text] {
    var scored = min(length + 1, tokens.count)
    var windows = [ScoringRequest.Text(tokens[..<scored], firstScored: 1)]
    while scored < tokens.count {
      let fresh = min(tokens.count - scored, length - overlap + 1)
      let end = scored + fresh
      windows.append(ScoringRequest.Text(tokens[end - length - 1..<end], firstScored: length + 1 - fresh))
      scored = end
    }
    return windows
  }
}
