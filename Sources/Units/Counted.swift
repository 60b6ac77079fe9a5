/// A number and what it counts: `1 row`, `2 rows`.
///
/// - Parameter noun: In the singular; its plural must end in a plain `s`.
public func counted(_ count: some BinaryInteger, _ noun: String) -> String {
  count == 1 ? "1 \(noun)" : "\(count) \(noun)s"
}
