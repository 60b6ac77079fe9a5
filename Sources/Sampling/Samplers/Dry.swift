import Glibc
import Tokens

/// "Don't repeat yourself": penalises tokens that would continue a repetition of what the sequence said before.
///
/// For a token that would extend a repetition of length n ≥ `allowedLength`, the logit falls by
/// multiplier · base^(n - allowedLength). A repetition does not reach across a sequence breaker. Source: llama.cpp's
/// dry, after p-e-w's proposal of 2024; repetition lengths by the Z algorithm over the reversed sequence.
struct Dry: BuiltInSampler {
  struct Parameters: SamplerParameters {
    var multiplier: Float = 0
    var base: Float = 1.75
    var allowedLength = 2
    var lastTokens = 64
    var breakers: [[TokenID]] = []
  }

  static let name = "dry"
  static let summary = "Makes tokens that would continue a repetition less likely, the more the longer it is."
  static let parameters: [Parameter<Parameters>] = [
    .number(
      "dry_multiplier", \.multiplier, 0...Limits.parameterMagnitude, off: 0,
      "The size of the penalty; usually 0.8; 0 turns it off."),
    .number(
      "dry_base", \.base, 1...1000,
      "The penalty is multiplied by this for each further token repeated; usually 1.75."),
    .integer(
      "dry_allowed_length", \.allowedLength, 1...Limits.count,
      "Repetitions shorter than this many tokens are not penalised; usually 2."),
    .integer(
      "dry_penalty_last_n", \.lastTokens, -1...Limits.count, off: 0,
      "How many tokens to look back; usually 64 or -1, the whole sequence; 0 turns it off."),
    .sequences(
      "dry_sequence_breakers", \.breakers,
      "Texts, as lists of tokens, at which a repetition ends; usually a newline, a colon, a quote and an asterisk."
    ),
  ]

  private let values: Parameters
  /// Tails of the sequence breakers by their first token; an empty tail is a breaker of one token.
  private let breakers: [TokenID: [[TokenID]]]
  private var history: TokenHistory
  private var lengths: [Int32] = []
  private var longest: [TokenID: Int32] = [:]

  init?(_ parameters: Parameters, _ context: StageContext) {
    if parameters.multiplier <= 0 || parameters.lastTokens == 0 { return nil }
    values = parameters
    history = TokenHistory(limit: parameters.lastTokens < 0 ? nil : parameters.lastTokens)
    var tails: [TokenID: [[TokenID]]] = [:]
    for breaker in parameters.breakers {
      if let head = breaker.first { tails[head, default: []].append(Array(breaker.dropFirst())) }
    }
    breakers = tails
  }

  mutating func accept(_ token: TokenID) { _ = history.append(token) }

  mutating func reset() { history.removeAll() }

  mutating func apply(to candidates: inout Candidates) throws(SamplingError) {
    let count = history.count
    guard count > values.allowedLength else { return }
    let limit = lengthLimit(count)
    guard limit >= values.allowedLength else { return }
    findRepetitions(count, limit: limit)
    longest.removeAll(keepingCapacity: true)
    // A repetition that ended `back` tokens ago went on with the token after it.
    for back in 1..<count where Int(lengths[back]) >= values.allowedLength {
      let next = history.recent(back - 1)
      longest[next] = max(longest[next] ?? 0, lengths[back])
    }
    if candidates.isDense {
      for (token, length) in longest {
        if let index = candidates.index(of: token) { penalize(&candidates, index, length) }
      }
    } else {
      for index in 0..<candidates.count {
        if let length = longest[candidates.id(at: index)] { penalize(&candidates, index, length) }
      }
    }
  }

  private func penalize(_ candidates: inout Candidates, _ index: Int, _ length: Int32) {
    if let tails = breakers[candidates.id(at: index)], tails.contains(where: \.isEmpty) { return }
    var exponent = Int(length) - values.allowedLength
    // base^exponent must stay a finite float: ln(largest float) = 88.72.
    if values.base > 1.000_001 { exponent = min(exponent, Int(88.722_839_1 / naturalLogarithm(values.base))) }
    let penalty = values.multiplier * Float(pow(Double(values.base), Double(exponent)))
    candidates.setLogit(candidates.logit(at: index) - penalty, at: index)
  }

  /// How long a repetition may be before it would reach across the last breaker.
  private func lengthLimit(_ count: Int) -> Int {
    if breakers.isEmpty { return count }
    for back in 0..<count {
      guard let tails = breakers[history.recent(back)] else { continue }
      var longestTail = -1
      for tail in tails where tail.count > longestTail && tail.count <= back {
        if tail.indices.allSatisfy({ tail[$0] == history.recent(back - $0 - 1) }) { longestTail = tail.count }
      }
      if longestTail >= 0 { return back - longestTail }
    }
    return count
  }

  /// Sets `lengths[back]` to how many tokens that end `back` tokens ago equal the last ones, at most `limit`.
  private mutating func findRepetitions(_ count: Int, limit: Int) {
    lengths.removeAll(keepingCapacity: true)
    lengths.append(0)
    var boxStart = 0
    var boxEnd = 0
    for back in 1..<count {
      var length = back < boxEnd ? min(Int(lengths[back - boxStart]), boxEnd - back) : 0
      // Inside a box only a length that touches its end can grow; a clamped one has reached the limit anyway.
      if back + length >= boxEnd {
        while back + length < count, history.recent(length) == history.recent(back + length) { length += 1 }
        boxStart = back
        boxEnd = back + length
      }
      lengths.append(Int32(truncatingIfNeeded: min(length, limit)))
    }
  }
}
