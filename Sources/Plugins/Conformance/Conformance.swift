import Chat
import Tokenizers

/// Tries out what a library offers; pure, and in this process: a crash is the caller's to survive.
public enum Conformance {
  /// All properties of everything that the library offers; a subject's properties end with the first that fails.
  ///
  /// `progress` hears what is tried next, so that a crash can be told apart.
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

  /// One property and how to look at it: gives what a call takes, if that is what is looked at.
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

  /// The median of what the plugin itself takes in `calls` calls, in nanoseconds; `body` makes one.
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

/// What is wrong, as the rest of a sentence that begins with the subject.
struct ConformanceFailure: Error {
  let sentence: String

  init(_ sentence: String) {
    self.sentence = sentence
  }

  /// Runs what may fault, and tells what was tried.
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
