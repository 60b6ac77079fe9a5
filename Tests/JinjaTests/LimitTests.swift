import Foundation
import Jinja
import Synchronization
import Testing

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

  private func kind(_ source: String, _ context: [String: Value] = [:]) -> JinjaError.Kind? {
    let result = Mutex<JinjaError.Kind?>(nil)
    onSmallStack {
      do throws(JinjaError) {
        _ = try Template(source).render(context)
      } catch {
        result.withLock { $0 = error.kind }
      }
    }
    return result.withLock { $0 }
  }

  @Test(
    "every bomb ends in an error, on a stack of 512 KiB",
    arguments: [
      "{% for i in range(10**12) %}{% endfor %}",
      "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
      "{{ 'a' * 10**9 }}", "{{ [1] * 10**9 }}", "{{ 'a' * 9223372036854775807 }}",
      "{{ [1,2] * 9223372036854775807 }}",
      "{% set ns = namespace(s='aaaaaaaaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(100) %}{% set ns.s = ns.s + ns.s %}{% endfor %}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(1000) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s }}",
      "{% set ns = namespace(s=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% endfor %}{{ ns.s|tojson }}",
      "{% set ns = namespace(s=[1], t=[1]) %}{% for i in range(60) %}{% set ns.s = [ns.s, ns.s] %}{% set ns.t = [ns.t, ns.t] %}{% endfor %}{{ ns.s == ns.t }}",
      "{% set ns = namespace(s=1) %}{% for i in range(100000) %}{% set ns.s = namespace(x=ns.s) %}{% endfor %}{{ ns }}",
      "{% set ns = namespace() %}{% set ns.x = ns %}{{ ns }}",
      "{% set ns = namespace(s={}) %}{% for i in range(1000) %}{% set ns.s = {'a': ns.s} %}{% endfor %}{{ ns.s }}",
      "{% set ns = namespace(s=cycler(1)) %}{% for i in range(100000) %}{% set ns.s = cycler([ns.s]) %}{% endfor %}",
      "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
      "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
      "{% macro m() %}{% call m() %}{{ caller() }}{% endcall %}{% endmacro %}{{ m() }}",
      "{% for i in [1] recursive %}{{ loop([1]) }}{% endfor %}",
      "{% macro m(n) %}" + String(repeating: "{% if true %}", count: 100) + "{{ (((((((m(n+1)))))))) }}"
        + String(repeating: "{% endif %}", count: 100) + "{% endmacro %}{{ m(0) }}",
      "{% macro m() %}{% for i in range(100) %}{{ m() }}{% endfor %}{% endmacro %}{{ m() }}",
      "{{ " + String(repeating: "(", count: 5000) + "1",
      "{{ " + String(repeating: "[", count: 5000) + String(repeating: "]", count: 5000) + " }}",
      "{{ " + String(repeating: "-", count: 5000) + "1 }}",
      "{{ " + String(repeating: "not ", count: 5000) + "1 }}",
      "{{ 1" + String(repeating: " + 1", count: 5000) + " }}",
      "{{ x" + String(repeating: ".a", count: 5000) + " }}",
      "{{ x" + String(repeating: "|upper", count: 5000) + " }}",
      "{{ x" + String(repeating: "()", count: 5000) + " }}",
      String(repeating: "{% if true %}", count: 5000), String(repeating: "{% for i in [1] %}", count: 5000),
      "{{ 2 ** 64 }}", "{{ 2 ** 9223372036854775807 }}", "{{ 9223372036854775807 + 1 }}",
      "{{ -9223372036854775807 - 2 }}", "{{ (-9223372036854775807 - 1) // -1 }}",
      "{{ -(-9223372036854775807 - 1) }}",
      "{{ (-9223372036854775807 - 1)|abs }}", "{{ 9223372036854775807 * 2 }}", "{{ 1e308|int }}",
      "{{ '%999999999d' % 1 }}", "{{ '%*d' % (999999999, 1) }}", "{{ '%.999999999d' % 1 }}",
      "{{ '{:999999999}'.format(1) }}", "{{ '{:0999999999d}'.format(1) }}", "{{ 'a'.center(10**10) }}",
      "{{ 'a'.ljust(10**18) }}", "{{ '1'.zfill(10**10) }}", "{{ 'a\t'.expandtabs(10**10) }}",
      "{{ 'a\nb'|indent(10**10) }}", "{{ [1]|tojson(indent=10**10) }}", "{{ 'a'|center(10**10) }}",
      "{{ [1]|batch(10**10, 'x')|list }}", "{{ [1]|slice(10**10)|list }}",
      "{{ ('a' * 4000000).replace('a', 'b' * 4000000) }}", "{{ ('a' * 4000000).replace('', 'bbbbbbbbbb') }}",
      "{{ ('a' * 4000000)|list }}", "{{ ('a ' * 4000000).split() }}", "{{ ('a,' * 4000000).split(',') }}",
      "{{ ('a\n' * 4000000).splitlines() }}", "{{ ',' * 1000000 % () }}{{ 'x'.join(['y' * 1000000] * 100) }}",
      "{% for i in range(100000) %}{{ 'a' * 1000 }}{% endfor %}",
      "{% macro m() %}{{ 'a' * 4000000 }}{% endmacro %}{% set x = [m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m(), m()] %}",
      "{% for i in range(100000) %}{% set x = ('a' * 1000000).find('aaaaaaaaaaaaaaaaab') %}{% endfor %}",
      "{{ ('a' * 4000000).find('a' * 2000000 + 'b') }}{% for i in range(1000000) %}{% endfor %}",
      "{% for i in range(100000) %}{{ range(100000)|sum }}{% endfor %}",
      "{{ strftime_now('%9999999d') }}", "{{ strftime_now('%Y' * 10000) }}",
      "{{ 'x'|attr('__class__')|attr('__mro__') }}", "{{ ''.__class__.__mro__ }}", "{{ [].append(1) }}",
      "{{ {}.update({}) }}", "{{ range.__globals__.x }}", "{{ namespace.__init__.__globals__ }}",
      "{{ cycler.__init__.__globals__.os }}", "{{ '{0.__class__.__mro__}'.format(1) }}",
      "{{ x.__class__.y }}",
      "{{ (1).__class__.__base__ }}", "{{ self.__init__.__globals__ }}",
      "{% include '/etc/passwd' %}", "{% import 'os' as os %}", "{% extends 'x' %}",
      "{{ 1 / 0 }}", "{{ 1 % 0 }}", "{{ 1.0 // 0 }}", "{{ [1][::0] }}", "{{ range(1, 2, 0) }}",
      "{{ range(-9223372036854775807, 9223372036854775807) }}", "\u{0}{{ x", "{{ '\\ud800' }}",
      "{{ '\\xzz' }}",
    ])
  func bombs(source: String) {
    #expect(kind(source) != nil)
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
