import Tokens

/// The last tokens of a sequence, as many as a stage looks back; a ring.
struct TokenHistory: Sendable {
  /// Tokens kept, at most; nil for all.
  let limit: Int?
  private var ring: [TokenID] = []
  private var start = 0

  init(limit: Int?) {
    self.limit = limit
  }

  /// Tokens held.
  var count: Int { ring.count }

  /// Adds a token; returns the one that fell out, if one did.
  mutating func append(_ token: TokenID) -> TokenID? {
    if let limit, ring.count >= limit {
      guard limit > 0 else { return token }
      let oldest = ring[start]
      ring[start] = token
      start = start + 1 == limit ? 0 : start + 1
      return oldest
    }
    ring.append(token)
    return nil
  }

  /// The token that was added `back` tokens before the newest, 0 ≤ `back` < `count`.
  func recent(_ back: Int) -> TokenID {
    let index = start + ring.count - 1 - back
    return ring[index >= ring.count ? index - ring.count : index]
  }

  mutating func removeAll() {
    ring.removeAll(keepingCapacity: true)
    start = 0
  }
}
