import Hummingbird

/// The page's files.
enum Page {
  /// The file of a path; nil if there is none.
  static func response(_ path: String) -> Response? { nil }
}
