/// Makes wrong files out of a right one, knowing what its bytes mean: the same seed and index give the same file.
///
/// Each file has one to three fields changed to a value at the edge of something, a bit flipped, a stretch
/// doubled, removed or exchanged, or its end cut off.
public struct Mutator: Sendable {
  /// One wrong file.
  public struct Mutation: Sendable, CustomStringConvertible {
    /// The file.
    public let bytes: [UInt8]
    /// What was done, with the seed and index that do it again.
    public let description: String
  }

  /// The seed; print it when a test fails.
  public let seed: UInt64

  private let image: GGUFImage
  private let byMeaning: [[GGUFImage.Field]]

  /// Mutations of `image`.
  public init(_ image: GGUFImage, seed: UInt64) {
    self.image = image
    self.seed = seed
    byMeaning = GGUFImage.Meaning.allCases.map { meaning in
      image.fields.filter { $0.meaning == meaning }
    }.filter { !$0.isEmpty }
  }

  /// Mutation number `index`.
  public func mutation(_ index: Int) -> Mutation {
    var random = SplitMix64(seed: seed ^ (UInt64(truncatingIfNeeded: index) &* 0xD6E8_FEB8_6659_FD93))
    var bytes = image.bytes
    var done: [String] = []
    // Changes that move bytes come last, so that the map holds for those that do not.
    var last: (label: String, change: (inout [UInt8]) -> Void)?
    for _ in 0..<(1 + random.below(3)) {
      let group = byMeaning[random.below(byMeaning.count)]
      let field = group[random.below(group.count)]
      switch random.below(12) {
      case 0: last = move(field, &random)
      case 1: last = cut(field, &random)
      case 2, 3: done.append(flip(field, &bytes, &random))
      default: done.append(edge(field, &bytes, &random))
      }
    }
    if let last {
      last.change(&bytes)
      done.append(last.label)
    }
    return Mutation(bytes: bytes, description: "seed \(seed) index \(index): " + done.joined(separator: ", "))
  }

  /// Sets a field to an edge value, or text and data to a run of one byte.
  private func edge(
    _ field: GGUFImage.Field, _ bytes: inout [UInt8], _ random: inout SplitMix64
  ) -> String {
    guard field.range.count <= 8 else {
      let filler: [UInt8] = [0, 0x20, 0x7F, 0x80, 0xC0, 0xE2, 0xFF]
      let byte = filler[random.below(filler.count)]
      for position in field.range { bytes[position] = byte }
      return "\(field.label) filled with \(byte)"
    }
    let old = value(field, bytes)
    let count = UInt64(image.bytes.count)
    let edges: [UInt64] = [
      0, 1, 2, 3, 4, 5, 8, 9, 12, 13, 31, 32, 33, 63, 64, 65, 255, 256, 65_535, 65_536,
      1 << 20, 1 << 24, 1 << 31, (1 << 31) - 1, 1 << 32, (1 << 32) - 1, 1 << 40, 1 << 62, 1 << 63,
      (1 << 63) - 1, .max, .max - 1, .max - 31, old &+ 1, old &- 1, old &* 2, old / 2, 0 &- old,
      count, count &- 1, count &+ 1, count / 4, 0x7FC0_0000, 0x7F80_0000, 0xFF80_0000, 0x7FFF_FFFF_FFFF_FFC0,
    ]
    let new = edges[random.below(edges.count)]
    for (index, position) in field.range.enumerated() {
      bytes[position] = UInt8(truncatingIfNeeded: new >> UInt64(8 * index))
    }
    return "\(field.label) = \(new)"
  }

  private func flip(
    _ field: GGUFImage.Field, _ bytes: inout [UInt8], _ random: inout SplitMix64
  ) -> String {
    let position = field.range.lowerBound + random.below(field.range.count)
    let bit = random.below(8)
    bytes[position] ^= 1 << UInt8(bit)
    return "\(field.label) bit \(bit) of byte \(position) flipped"
  }

  /// Doubles or removes a stretch, or puts a copy of it over another of its kind.
  private func move(
    _ field: GGUFImage.Field, _ random: inout SplitMix64
  ) -> (String, (inout [UInt8]) -> Void) {
    let range = field.range
    switch random.below(3) {
    case 0: return ("\(field.label) doubled", { $0.insert(contentsOf: $0[range], at: range.upperBound) })
    case 1: return ("\(field.label) removed", { $0.removeSubrange(range) })
    default:
      let group = image.fields.filter { $0.meaning == field.meaning }
      let other = group[random.below(group.count)]
      return ("\(other.label) over \(field.label)", { $0.replaceSubrange(range, with: $0[other.range]) })
    }
  }

  /// Cuts the file somewhere in a field, or adds to its end.
  private func cut(
    _ field: GGUFImage.Field, _ random: inout SplitMix64
  ) -> (String, (inout [UInt8]) -> Void) {
    if random.below(8) == 0 {
      let extra = [UInt8](repeating: UInt8(random.below(256)), count: 1 + random.below(64))
      return ("\(extra.count) bytes appended", { $0 += extra })
    }
    let end = field.range.lowerBound + random.below(field.range.count + 1)
    return ("cut to \(end) bytes", { $0.removeSubrange(min(end, $0.count)...) })
  }

  private func value(_ field: GGUFImage.Field, _ bytes: [UInt8]) -> UInt64 {
    field.range.reversed().reduce(0) { $0 << 8 | UInt64(bytes[$1]) }
  }
}
