import Chat
import Tokenizers

/// Checks everything that a library offers, in this process, which a crash of the library ends.
public enum Conformance {
  /// Checks all properties of each sampler, template and tokenizer, up to the first that fails.
  ///
  /// `progress` is told what comes next, so that whoever survives a crash knows what caused it.
  public static func check(
    _ library: PluginLibrary, progress: (_ subject: String, ConformanceResult.Property) -> Void = { _, _ in }
  ) -> [ConformanceResult] {
    var results: [ConformanceResult] = []
    for sampler in library.samplers {
      let check = SamplerCheck(sampler)
      run("sampler '\(sampler.name)'", check.steps, &results, progress)
    }
    for template in library.templates {
      run("template '\(template.name)'", TemplateCheck(template).steps, &results, progress)
    }
    for source in library.tokenizers {
      run("tokenizer '\(source.name)'", TokenizerCheck(source).steps, &results, progress)
    }
    return results
  }

  /// One property and how to check it; `run` returns the nanoseconds of a call if cost is what it checks.
  struct Step {
    let property: ConformanceResult.Property
    let run: () throws(ConformanceFailure) -> UInt64?

    init(
      _ property: ConformanceResult.Property, _ run: @escaping () throws(ConformanceFailure) -> UInt64?
    ) {
      self.property = property
      self.run = run
    }
  }

  private static func run(
    _ subject: String, _ steps: [Step], _ results: inout [ConformanceResult],
    _ progress: (String, ConformanceResult.Property) -> Void
  ) {
    for step in steps {
      progress(subject, step.property)
      do throws(ConformanceFailure) {
        let nanoseconds = try step.run()
        results.append(ConformanceResult(subject, step.property, nanoseconds: nanoseconds))
      } catch {
        results.append(ConformanceResult(subject, step.property, failure: error.sentence))
        return
      }
    }
  }

  /// The median time that `calls` calls spend in the plugin, in nanoseconds; `body` makes one call.
  static func median(
    of calls: Int, _ health: PluginHealth, _ body: () throws(ConformanceFailure) -> Void
  ) throws(ConformanceFailure) -> UInt64 {
    var times: [UInt64] = []
    for _ in 0..<calls {
      try body()
      times.append(health.latestNanoseconds)
    }
    times.sort()
    return times[calls / 2]
  }
}

/// What is wrong, as the rest of a sentence whose subject is what was checked.
struct ConformanceFailure: Error {
  /// Such as "takes 20 ms per step".
  let sentence: String

  init(_ sentence: String) {
    self.sentence = sentence
  }

  /// Runs `body`; a fault becomes a failure that says under which circumstances.
  static func wrapping<Result>(
    _ circumstances: @autoclosure () -> String, _ body: () throws(PluginFault) -> Result
  ) throws(ConformanceFailure) -> Result {
    do throws(PluginFault) {
      return try body()
    } catch {
      throw ConformanceFailure("\(error) (\(circumstances()))")
    }
  }
}
