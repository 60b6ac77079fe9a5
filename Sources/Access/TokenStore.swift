import Synchronization

/// The tokens of a file as it is now: each question looks whether the file has changed.
public final class TokenStore: Sendable {
  private struct State {
    var list: TokenList
    /// The state of the file that was last looked at, good or not.
    var version: PrivateFile.Version?
  }

  private let path: String
  private let report: @Sendable (AccessError?) -> Void
  private let state: Mutex<State>

  /// Reads a file for the first time.
  ///
  /// - Parameter report: Called after each further reading: with nil, or with why the tokens stay as they were.
  public init(
    path: String, report: @escaping @Sendable (AccessError?) -> Void = { _ in }
  ) throws(AccessError) {
    self.path = path
    self.report = report
    let (list, version) = try TokenFile.read(version: path)
    state = Mutex(State(list: list, version: version))
  }

  /// The entry of a token; nil when it is unknown or was revoked.
  public func entry(of token: String) -> TokenList.Entry? {
    state.withLock { state in
      refresh(&state)
      return state.list
    }.entry(of: token)
  }

  private func refresh(_ state: inout State) {
    let version = PrivateFile.Version(path: path)
    guard version != state.version else { return }
    // Set first: a file that cannot be read is reported once, and read again when it changes.
    state.version = version
    do throws(AccessError) {
      let (list, version) = try TokenFile.read(version: path)
      state = State(list: list, version: version)
      report(nil)
    } catch {
      report(error)
    }
  }
}
