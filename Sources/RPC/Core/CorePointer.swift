/// A pointer to one of the core's objects, on its way between owners.
///
/// The core's objects may be used on any thread; where it asks for one thread at a time, the owner holds a lock.
struct CorePointer: @unchecked Sendable {
  // Holds: an address is not data, and what it points to is guarded as described above.
  let raw: OpaquePointer

  init(_ raw: OpaquePointer) { self.raw = raw }

  init?(_ raw: OpaquePointer?) {
    guard let raw else { return nil }
    self.raw = raw
  }
}
