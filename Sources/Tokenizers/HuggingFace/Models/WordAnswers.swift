import Synchronization

/// For each word of a vocabulary whether an answer is known to be yes; answers are recorded as they are found.
///
/// `@unchecked Sendable` holds because each answer is an atomic, and every thread that computes it gets the same.
final class WordAnswers: @unchecked Sendable {
  private let answers: UnsafeMutablePointer<Atomic<Bool>>
  private let count: Int

  /// Answers for the indices below `count`, none of them known.
  init(count: Int) {
    self.count = count
    answers = .allocate(capacity: max(1, count))
    for index in 0..<count { (answers + index).initialize(to: Atomic(false)) }
  }

  /// Whether the answer for `index`, which must be below the count, is known to be yes.
  @inline(__always)
  func isYes(_ index: Int) -> Bool { answers[index].load(ordering: .relaxed) }

  /// Records that the answer for `index` is yes.
  @inline(__always)
  func setYes(_ index: Int) { answers[index].store(true, ordering: .relaxed) }

  deinit {
    answers.deinitialize(count: count)
    answers.deallocate()
  }
}
