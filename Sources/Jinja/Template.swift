import Glibc

/// A compiled chat template: the subset of Jinja2 that Hugging Face templates use, with their settings.
///
/// Behaves as jinja2's `ImmutableSandboxedEnvironment` with `trim_blocks`, `lstrip_blocks`, loop controls, the
/// `generation` block and the globals of transformers. Immutable; many renderings may run at the same time.
public struct Template: Sendable {
  private let program: Program
  private let limits: Limits

  /// Compiles a source.
  ///
  /// - Throws: `JinjaError` of kind `syntax`, `unsupported` or `limit`, with its place in the source.
  public init(_ source: String, limits: Limits = .default) throws(JinjaError) {
    guard source.utf8.count <= limits.sourceBytes else {
      throw JinjaError(.limit, "the template is longer than \(limits.sourceBytes >> 10) KiB")
    }
    let normalised = Lexer.normalise(source)
    do {
      program = try Parser.parse(normalised, limits: limits)
    } catch {
      throw error.located(in: normalised, at: 0)
    }
    self.limits = limits
  }

  /// The variables of a context that a rendering may read: all others make no difference.
  public var variables: Set<String> { program.variables }

  /// Renders the template with the variables of a context.
  ///
  /// - Parameters:
  ///   - context: The variables; strings without an origin of their own are marked as input, with their path.
  ///   - now: What `strftime_now` shows, in seconds since 1970; nil is the present.
  /// - Throws: `JinjaError` with its place in the source, also when the template needs more than its limits grant.
  public func render(_ context: [String: Value], now: Int? = nil) throws(JinjaError) -> Rendered {
    var position = 0
    do {
      let interpreter = Interpreter(program, context, limits: limits, now: now ?? time(nil))
      defer {
        position = interpreter.position
        interpreter.tearDown()
      }
      try interpreter.run()
      return Rendered(interpreter)
    } catch {
      throw error.located(in: program.source, at: position)
    }
  }
}
