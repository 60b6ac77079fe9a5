/// Which worker answers a request.
public enum WorkerChoice: Sendable {
  /// The worker of a loaded model.
  case model(String)
  /// The worker without a model, for requests that name tokenizers: paths on this machine, or names of
  /// plugins.
  case utility(tokenizers: [String] = [])
}
