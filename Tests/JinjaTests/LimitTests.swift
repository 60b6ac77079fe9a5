import Concurrency
import Foundation
import Synchronization
import Testing

@testable import Jinja

@Suite("Hostile templates")
struct LimitTests {
  /// Runs something on a thread with little stack.
  private func onSmallStack(_ body: @escaping @Sendable () -> Void) {
    let done = DispatchSemaphore(value: 0)
    let thread = Thread {
      body()
      done.signal()
    }
    thread.stackSize = 512 << 10
    thread.start()
    done.wait()
  }

  /// A hostile template and the kind of error that ends it, `ok` for none.
  ///
  /// A source is a text, or pieces, each a text or a text with how often it stands there.
  struct Bomb: Sendable, CustomTestStringConvertible {
    let name: String
    let source: String
    let expected: String

    var testDescription: String { name }

    static let all: [Bomb] = {
      let url = Bundle.module.bundleURL.appending(path: "Fixtures/bombs.jsonl")
      let lines = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
      return lines.split(separator: "\n").compactMap { line in
        guard let item = try? Value(json: String(line)), case .string(let name, _)? = item["name"],
          case .string(let expected, _)? = item["expect"], let source = item["source"]
        else { return nil }
        return Bomb(name: name, source: text(source), expected: expected)
      }
    }()

    private static func text(_ source: Value) -> String {
      switch source {
      case .string(let text, _): text
      case .list(let pieces):
        if pieces.count == 2, case .string(let text, _) = pieces[0], case .int(let count) = pieces[1] {
          String(repeating: text, count: count)
        } else {
          pieces.map(text).joined()
        }
      default: ""
      }
    }
  }

  @Test("there are more than 160 bombs, of different names")
  func count() {
    #expect(Bomb.all.count > 160 && Set(Bomb.all.map(\.name)).count == Bomb.all.count)
  }

  /// What a bomb may use: less than usual, since hundreds of them run until then.
  private static let limits: Limits = {
    var limits = Limits.default
    limits.milliseconds /= 10
    limits.outputBytes /= 8
    limits.stringBytes /= 8
    limits.liveBytes /= 2
    return limits
  }()

  @Test("every bomb ends as it should or at a limit, on a stack of 512 KiB", arguments: Bomb.all)
  func bombs(bomb: Bomb) {
    let kind = Mutex<String?>(nil)
    onSmallStack {
      var found = "ok"
      do throws(JinjaError) {
        _ = try Template(bomb.source, limits: Self.limits).render([:])
      } catch {
        found = error.kind.rawValue
      }
      kind.withLock { $0 = found }
    }
    let found = kind.withLock { $0 }
    #expect(found == bomb.expected || found == "limit")
  }

  @Test(
    "odd but harmless things are no error",
    arguments: [
      "{{ [1, 2][::9223372036854775807] }}{{ [1, 2][::-9223372036854775807] }}{{ 'ab'[-9223372036854775807:] }}",
      "{{ 1234|round(-9223372036854775807) }}{{ 1.5|round(9223372036854775807) }}{{ 1.5|round(-9223372036854775807) }}",
      "{{ 'abc'.find('c', -9223372036854775807, 9223372036854775807) }}{{ 'a'.center(-9223372036854775807) }}",
      "{{ range(9223372036854775806, 9223372036854775807)|list }}{{ (-9223372036854775807 - 1) % -1 }}",
      "{{ 1e400 }}{{ -1e400 }}{{ (1e400 - 1e400) }}{{ (1e400 - 1e400)|tojson }}{{ 1e300|round(300) }}",
      "{{ 'a'.split('a', -9223372036854775807) }}{{ 'aa'.replace('a', 'b', -9223372036854775807) }}",
      "{% set ns = namespace(a=1) %}{% set ns.b = ns %}{% macro m() %}{{ ns.a }}{% endmacro %}{% set ns.m = m %}{{ ns.m() }}",
      "{{ '%c' % 97 }}{{ 'x'|int(base=99) }}{{ '9' * 400 == 'x' }}{{ ('9' * 400)|float }}{{ '%.1100f' % 1 }}",
      "{{ [1, 2, 3]|batch(-9223372036854775807)|list }}{{ 'abc'|truncate(3, leeway=9223372036854775807) }}",
    ])
  func harmless(source: String) throws {
    _ = try Template(source).render([:])
  }

  @Test("a long source is refused before it is read")
  func sourceLength() {
    #expect(throws: JinjaError.self) { try Template(String(repeating: "x", count: (256 << 10) + 1)) }
    #expect(throws: Never.self) { try Template(String(repeating: "x", count: 256 << 10)) }
  }

  @Test("the time that a rendering may take grows with the context, up to a bound")
  func allowance() {
    let limits = Limits.default
    #expect(limits.milliseconds(for: [:]) == limits.milliseconds)
    #expect(limits.milliseconds(for: ["messages": .list(Array(repeating: 1, count: 5000))]) == 5500)
    let endless: Value = .list(Array(repeating: 1, count: 100_000))
    #expect(limits.milliseconds(for: ["a": endless, "b": endless]) == limits.longestMilliseconds)
  }

  @Test("a million steps are no bomb while they are quick")
  func manySteps() throws {
    let source = "{% for a in range(1100) %}{% for b in range(1000) %}{% endfor %}{% endfor %}done"
    var limits = Limits.default
    // A build without optimisation takes far longer than one with it.
    limits.milliseconds = limits.longestMilliseconds
    #expect(try Template(source, limits: limits).render([:]).text == "done")
  }

  @Test("a long rendering lets others have their turn, and stops when nobody wants it")
  func turns() throws {
    let template = try Template("{% for a in range(20000) %}{{ a }}{% endfor %}")
    let calls = Atomic(0)
    let whole = try WorkSlices.withBoundary({ calls.add(1, ordering: .relaxed).newValue > 0 }) {
      try template.render([:])
    }
    #expect(try whole.text == template.render([:]).text && calls.load(ordering: .relaxed) > 50)
    let error = #expect(throws: JinjaError.self) {
      try WorkSlices.withBoundary({ false }) { try template.render([:]) }
    }
    #expect(error?.kind == .limit)
  }

  @Test("sources that are cut anywhere neither crash nor hang")
  func truncations() throws {
    let source = """
      {% macro m(a, b='x') %}{% for k, v in a.items() if v is not none recursive %}{{- loop.index ~ k|upper -}}
      {% else %}{% set q.r = [1, {'a': (2, 3.5e1)}][0:1] %}{% endfor %}{% endmacro %}{# c #}{% raw %}x{% endraw %}
      {%- call(z) m(*c, **d) %}{{ "é\\u00e9" if not a <= b else c[1::2] }}{% endcall %}{% filter trim %} {% endfilter %}
      """
    let bytes = Array(source.utf8)
    for end in stride(from: 0, to: bytes.count, by: 7) {
      _ = try? Template(String(decoding: bytes[..<end], as: UTF8.self)).render([:])
      var changed = bytes
      changed[end] = bytes[(end * 7 + 3) % bytes.count]
      _ = try? Template(String(decoding: changed, as: UTF8.self)).render([:])
    }
  }
}
