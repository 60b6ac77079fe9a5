/// Which worker answers a request.
public enum WorkerChoice: Sendable {
  /// That of a loaded model.
  case model(String)
  /// The one without a model, for requests that name tokenizers: paths on this machine, or names of plugins.
  case utility(tokenizers: [String] = [])
}
