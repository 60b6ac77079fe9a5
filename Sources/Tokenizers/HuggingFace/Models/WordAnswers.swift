import Synchronization

/// Answers that depend on the vocabulary alone, kept as they are found; yes or not known.
///
/// `@unchecked Sendable` holds because each answer is an atomic of its own, and whoever finds it finds the same.
final class WordAnswers: @unchecked Sendable {
  private let answers: UnsafeMutablePointer<Atomic<Bool>>
  private let count: Int

  /// `count` answers, none known.
  init(count: Int) {
    self.count = count
    answers = .allocate(capacity: max(1, count))
    for index in 0..<count { (answers + index).initialize(to: Atomic(false)) }
  }

  /// Whether `index`, which must be below the count, is known to be yes.
  @inline(__always)
  func isYes(_ index: Int) -> Bool { answers[index].load(ordering: .relaxed) }

  /// Notes that `index` is yes.
  @inline(__always)
  func setYes(_ index: Int) { answers[index].store(true, ordering: .relaxed) }

  deinit {
    answers.deinitialize(count: count)
    answers.deallocate()
  }
}
