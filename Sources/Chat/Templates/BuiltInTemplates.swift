/// The shipped templates; each source is a file beside this one.
public enum BuiltInTemplates {
  /// Compiled, sorted by name; one that did not compile is caught by the tests.
  public static let all = sources.compactMap { try? ChatTemplate.compile(name: $0.name, source: $0.source) }

  private static let sources: [(name: String, source: String)] = [
    ("alpaca", alpaca), ("chatml", chatML), ("gemma", gemma), ("llama-2", llama2), ("llama-3", llama3),
    ("mistral-instruct", mistralInstruct), ("phi-3", phi3), ("raw", raw), ("synthia", synthia),
    ("vicuna", vicuna), ("zephyr", zephyr),
  ]
}
