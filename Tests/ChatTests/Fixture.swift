import Foundation
import Jinja

/// Files that the tests compare with.
enum Fixture {
  static func text(_ path: String) throws -> String {
    let url = Bundle.module.bundleURL.appending(path: "Fixtures/" + path)
    return String(decoding: try Data(contentsOf: url), as: UTF8.self)
  }

  /// The values of a file with one JSON value a line.
  static func lines(_ path: String) throws -> [Value] {
    try text(path).split(separator: "\n").map { try Value(json: String($0)) }
  }
}

extension Value {
  var string: String? {
    if case .string(let text, _) = self { text } else { nil }
  }
}
