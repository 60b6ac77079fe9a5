import Testing

@testable import Jinja

/// Every filter, method and operator with numbers at the edges of their types: a value or a typed error, never a trap.
@Suite("Numbers at the edge")
struct EdgeNumberTests {
  /// What a template can write, in the places of values and arguments.
  static let edges = [
    "(-9223372036854775807 - 1)", "-9223372036854775807", "-1", "0", "1", "63", "9223372036854775807",
    "9223372036854775808", "-9223372036854775809", "1e308", "-0.0", "1e400", "(1e400 - 1e400)", "none", "''",
    "true", "'é'", "[1, 'a']",
  ]

  static let values = [
    "(-9223372036854775807 - 1)", "9223372036854775807", "9223372036854775808", "-1.5", "1e400",
    "'aé b\\tc\\nd'",
    "'-12'", "''", "[3, 1, 2]", "[]", "(1, 2)", "{'a': 1}", "range(5)", "true", "none",
  ]

  /// The arguments of a call: none, each edge, and pairs and triples of edges that a fixed seed picks.
  private static func calls(_ count: Int) -> [String] {
    var random = SystemIndependent(state: 17)
    var calls = [""] + edges
    for _ in 0..<count {
      let length = 2 + random.next(below: 2)
      calls.append((0..<length).map { _ in edges[random.next(below: edges.count)] }.joined(separator: ", "))
    }
    return calls
  }

  /// A generator whose numbers are the same everywhere.
  private struct SystemIndependent {
    var state: UInt64

    mutating func next(below bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int((state >> 33) % UInt64(max(bound, 1)))
    }
  }

  /// Renders an expression; gives whether there was a result.
  private func renders(_ expression: String) -> Bool {
    var limits = Limits.default
    limits.stringBytes = 1 << 20
    limits.listItems = 10_000
    return (try? Template("{{ \(expression) }}", limits: limits).render([:], now: 0)) != nil
  }

  /// Templates of many expressions would end at the first error, so each is a template.
  private func use(_ expressions: [String]) {
    let results = expressions.map(renders)
    #expect(results.contains(true) || expressions.count < 10, "\(expressions.prefix(3))")
  }

  @Test("filters", arguments: Filters.table.keys.sorted())
  func filters(name: String) {
    for value in Self.values {
      for call in Self.calls(12) { _ = renders("\(value) | \(name)(\(call))") }
    }
    if name == "round" { #expect(renders("5 | round((-9223372036854775807 - 1))")) }
  }

  @Test(
    "methods",
    arguments: [
      "center", "count", "endswith", "expandtabs", "find", "format", "format_map", "index", "join", "ljust",
      "rfind", "rindex", "rjust", "rsplit", "split", "splitlines", "startswith", "strip", "replace", "zfill",
      "removeprefix", "partition", "get", "copy", "is_integer", "bit_length",
    ])
  func methods(name: String) {
    for value in Self.values {
      for call in Self.calls(12) {
        _ = renders("\(value).\(name)(\(call))")
        _ = renders("\(value).\(name)(' ', \(call))")
      }
    }
  }

  @Test("operators and slices")
  func operators() {
    for left in Self.edges {
      for right in Self.edges {
        for sign in ["+", "-", "*", "/", "//", "%", "**", "<", "==", "~", "in"] {
          _ = renders("\(left) \(sign) \(right)")
        }
        for value in ["'aéb'", "[1, 2, 3]", "range(4)", "(1, 2)"] {
          _ = renders("\(value)[\(left):\(right)]")
          _ = renders("\(value)[\(left)::\(right)]")
          _ = renders("\(value)[:\(left):\(right)]")
        }
        _ = renders("range(\(left), \(right)) | list | length")
        _ = renders("range(0, \(left), \(right)) | list | length")
      }
      use(["-\(left)", "+\(left)", "not \(left)", "'%*.*d' % (\(left), 1, 2)"])
    }
  }

  @Test("widths and precisions in formats")
  func formats() {
    let numbers = [
      "0", "1", "1100", "2147483647", "2147483648", "9223372036854775807", "9223372036854775808",
      "99999999999999999999999", "-1", "*",
    ]
    for value in Self.edges {
      for width in numbers {
        for precision in numbers {
          for letter in ["d", "s", "f", "e", "g", "x", "o", "c", "r", "a", "%"] {
            _ = renders("'%\(width).\(precision)\(letter)' % (\(value),)")
            _ = renders("'%-0+# \(width).\(precision)\(letter)' % (\(value), 3)")
            _ = renders("'{:>\(width).\(precision)\(letter)}'.format(\(value))")
          }
        }
        _ = renders("'{:é=+#0\(width),}'.format(\(value))")
        _ = renders("'{\(width)[\(width)]}'.format(\(value))")
      }
    }
  }

  @Test("indents and separators of JSON, and what loops ask for")
  func others() {
    for edge in Self.edges {
      _ = renders("{'a': [1, {'b': 2}]} | tojson(indent=\(edge))")
      _ = renders("[1, 2] | tojson(separators=(\(edge), \(edge)))")
      _ = renders("strftime_now(\(edge))")
      _ = renders("cycler(\(edge)).next()")
      _ = renders("lipsum(\(edge))")
      _ = renders("joiner(\(edge))()")
      _ = renders("dict([(\(edge), \(edge))])[\(edge)]")
      _ = renders("namespace(a=\(edge)).a | int(\(edge), \(edge))")
    }
  }
}
