import WorkbenchAPI

/// How one API writes answers.
protocol AnswerForm: Sendable {
  /// The form of its errors.
  var errors: ErrorForm { get }
  /// The whole answer.
  func whole(_ choices: [Choice]) -> [UInt8]
  /// What a stream begins with, for each choice.
  func opening(_ index: Int, _ start: ProtoGenerationStart) -> [UInt8]
  /// What a response adds to a stream; empty if that is nothing.
  func piece(_ index: Int, _ response: ProtoGenerationResponse) -> [UInt8]
  /// The end of a choice.
  func closing(_ index: Int, _ choice: Choice) -> [UInt8]
  /// The end of a stream.
  func ending(_ choices: [Choice]) -> [UInt8]
}
