/// The known name that a misspelt one most likely meant; nil if none is close.
///
/// Close means an edit distance (insert, delete, replace) of at most a third of the longer name, or 1.
package func nearestName(to name: String, among known: some Sequence<String>) -> String? {
  let typed = Array(name.lowercased().utf8.prefix(64))
  var best: (name: String, distance: Int)?
  for candidate in known {
    let wanted = Array(candidate.utf8.prefix(64))
    let distance = editDistance(typed, wanted)
    let limit = max(1, max(typed.count, wanted.count) / 3)
    if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
  }
  return best?.name
}

/// Levenshtein's distance between two byte strings.
private func editDistance(_ a: [UInt8], _ b: [UInt8]) -> Int {
  var row = Array(0...b.count)
  for i in a.indices {
    var diagonal = row[0]
    row[0] = i + 1
    for j in b.indices {
      let replaced = diagonal + (a[i] == b[j] ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[b.count]
}
