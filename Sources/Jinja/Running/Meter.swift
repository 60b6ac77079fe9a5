/// Counts the memory that the values of one rendering hold.
final class Meter {
  /// What one heap object costs beside its content, in bytes.
  static let objectCost = 96
  private(set) var live = 0

  func add(_ bytes: Int) { live += bytes }
  func release(_ bytes: Int) { live -= bytes }
}

/// Adopts the children of a container; gives the container's depth.
func adoptItems(
  _ items: [Object], _ meter: Meter, _ limits: Limits, _ level: Int
) throws(JinjaError) -> Int {
  guard items.count <= limits.listItems else {
    throw JinjaError(.limit, "a list of more than \(limits.listItems) items")
  }
  var deepest = 0
  for item in items { deepest = max(deepest, try item.adopt(meter, limits, level + 1)) }
  guard deepest < limits.nesting else {
    throw JinjaError(.limit, "values nested deeper than \(limits.nesting) levels")
  }
  return deepest + 1
}
