/// Knows how much stack has been used since it was made, so that recursion ends in an error before the stack does.
struct StackGuard: Sendable {
  private let start: UInt
  private let limit: UInt

  init(bytes: Int) {
    start = Self.here()
    limit = UInt(max(bytes, 0))
  }

  /// The address of a local: where the stack ends now.
  @inline(never)
  private static func here() -> UInt {
    var marker: UInt8 = 0
    return withUnsafeMutablePointer(to: &marker) { UInt(bitPattern: $0) }
  }

  /// Whether more than the limit is used.
  ///
  /// Stacks grow downwards on all processors that Swift knows.
  var isExceeded: Bool {
    let here = Self.here()
    return here < start && start - here > limit
  }
}
