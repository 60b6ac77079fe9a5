import CLinux
import Glibc
import Synchronization

/// Records that a worker runs and which libraries it is calling, in memory that outlives the process.
///
/// The daemon makes one for each worker and hands its descriptor down; when the worker is gone, it shows
/// which libraries were being called. A line takes 64 bytes, so that threads which call different libraries
/// do not share a cache line; one more line, behind those, counts the beats of the worker.
///
/// `@unchecked Sendable`: the mapping does not move while this lives, and everything in it is atomic.
public final class FlightRecorder: @unchecked Sendable {
  /// What the record says of one library.
  public struct Finding: Sendable, Equatable {
    /// Calls that had not returned.
    public var underway: Int
    /// Whether it had been opened successfully.
    public var isOpen: Bool
  }

  /// The line of one library, written by its callers.
  public struct Line: Sendable {
    private let recorder: FlightRecorder
    private let index: Int

    fileprivate init(_ recorder: FlightRecorder, _ index: Int) {
      self.recorder = recorder
      self.index = index
    }

    /// A call begins.
    public func enter() { recorder.words[index * FlightRecorder.stride].wrappingAdd(1, ordering: .relaxed) }

    /// A call has returned.
    public func leave() {
      recorder.words[index * FlightRecorder.stride].wrappingSubtract(1, ordering: .relaxed)
    }

    /// The library is open, and its tables have been read.
    public func noteOpen() { recorder.words[index * FlightRecorder.stride + 1].store(1, ordering: .relaxed) }
  }

  /// Words to a line; the first counts calls under way, the second says whether the library is open.
  private static let stride = 64 / MemoryLayout<Int>.size

  /// The memory; stays open as long as this lives.
  public let descriptor: Int32
  private let lines: Int
  private let bytes: Int
  private let words: UnsafeMutablePointer<Atomic<Int>>

  /// An empty record for `lines` libraries, in memory of its own.
  ///
  /// nil when the system has no descriptor or memory left.
  public convenience init?(lines: Int) {
    let descriptor = clinux_memory_create("workbench-plugins", FlightRecorder.bytes(lines))
    guard descriptor >= 0 else { return nil }
    self.init(descriptor: descriptor, lines: lines)
  }

  /// The record that a parent made for `lines` libraries; takes the descriptor.
  ///
  /// nil, with the descriptor closed, when it is not such a record or has another size.
  public init?(descriptor: Int32, lines: Int) {
    let bytes = FlightRecorder.bytes(lines)
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_size == off_t(bytes),
      let memory = mmap(nil, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), memory != MAP_FAILED
    else {
      close(descriptor)
      return nil
    }
    self.descriptor = descriptor
    self.lines = lines
    self.bytes = bytes
    // The kernel zeroes the memory, which makes every word 0.
    words = memory.bindMemory(to: Atomic<Int>.self, capacity: (lines + 1) * FlightRecorder.stride)
  }

  deinit {
    munmap(UnsafeMutableRawPointer(words), bytes)
    close(descriptor)
  }

  /// Counts one more beat: the process runs.
  public func beat() { words[lines * FlightRecorder.stride].wrappingAdd(1, ordering: .relaxed) }

  /// Beats so far; 0 until the process has come so far.
  public var beats: Int { words[lines * FlightRecorder.stride].load(ordering: .relaxed) }

  /// The line of the library at `index`; nil if the index is out of range.
  public func line(_ index: Int) -> Line? {
    (0..<lines).contains(index) ? Line(self, index) : nil
  }

  /// What the record says of each library, in order.
  public var findings: [Finding] {
    (0..<lines).map { index in
      Finding(
        underway: words[index * FlightRecorder.stride].load(ordering: .relaxed),
        isOpen: words[index * FlightRecorder.stride + 1].load(ordering: .relaxed) == 1)
    }
  }

  private static func bytes(_ lines: Int) -> Int { (lines + 1) * stride * MemoryLayout<Int>.size }
}
