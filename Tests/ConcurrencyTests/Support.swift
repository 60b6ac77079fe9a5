import Synchronization

/// Values in the order in which threads and tasks recorded them.
final class Record<Value: Sendable>: Sendable {
  private let values = Mutex<[Value]>([])

  var all: [Value] { values.withLock { $0 } }

  func add(_ value: Value) { values.withLock { $0.append(value) } }
}

/// Returns when the condition holds; the test's time limit bounds it.
func until(_ condition: () -> Bool) async {
  while !condition() { await Task.yield() }
}
