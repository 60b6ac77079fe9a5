import RPC

/// How long a call to a worker may take; generous, since a stopped worker is noticed by its heart long before.
///
/// Streams have no deadline: they last as long as their answers.
enum WorkerDeadline {
  /// Asking for what it knows.
  case question
  /// Compiling and checking a template.
  case text
  /// Reading a vocabulary, or working on a text of the largest size.
  case vocabulary
  /// Reading and packing the weights of the largest model from a slow disk.
  case load

  var duration: Duration {
    switch self {
    case .question: .seconds(300)
    case .text: .seconds(900)
    case .vocabulary: .seconds(900)
    case .load: .seconds(3 * 3600)
    }
  }
}

extension CallOptions {
  /// A call that must end within a deadline.
  static func within(_ deadline: WorkerDeadline) -> CallOptions { CallOptions(timeout: deadline.duration) }
}
