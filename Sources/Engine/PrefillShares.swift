/// Divides the prompt tokens of one step among sequences by max-min fairness: each gets an equal part, and what short
/// prompts do not need goes to the others, so that a long prompt never keeps a short one waiting.
///
/// - Parameters:
///   - wanted: Tokens that each has left, at least 1.
///   - budget: Tokens to give out.
/// - Returns: A share for each; 0 only where the budget is smaller than the number of sequences, for the last ones.
func prefillShares(_ wanted: [Int], budget: Int) -> [Int] {
  var shares = [Int](repeating: 0, count: wanted.count)
  var left = budget
  let ascending = wanted.indices.sorted { (wanted[$0], $0) < (wanted[$1], $1) }
  for (place, index) in ascending.enumerated() {
    // Rounded up: the remainder goes to the first ones.
    let sharers = ascending.count - place
    let part = (left + sharers - 1) / sharers
    shares[index] = min(wanted[index], part)
    left -= shares[index]
  }
  return shares
}
