/// How much work the tests with random input do.
enum Effort {
  /// The full measure when optimised, the small one otherwise.
  static func scaled(_ full: Int, debug: Int) -> Int {
    #if DEBUG
      debug
    #else
      full
    #endif
  }
}
