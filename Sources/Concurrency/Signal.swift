/// An event that happens once and that any number of tasks may wait for.
public final class Signal: Sendable {
  private let event = OneShot<Void>()

  /// An event that has not happened.
  public init() {}

  /// Whether it has happened.
  public var isRaised: Bool { event.value != nil }

  /// Makes it happen; no effect the second time.
  public func raise() { event.resolve(()) }

  /// Returns when it has happened, or when the waiting task is cancelled.
  public func wait() async { _ = await event.wait() }

  /// Returns when it has happened, or when the time is up, whether or not the waiting task is cancelled.
  public func wait(atMost time: Duration) async { _ = await event.wait(atMost: time) }

  /// Returns when it has happened, even if the waiting task is cancelled.
  public func waitToEnd() async { await event.waitToEnd() }
}
