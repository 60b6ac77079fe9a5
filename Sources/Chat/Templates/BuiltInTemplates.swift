/// The sources of the shipped templates, one file each beside this one.
enum BuiltInTemplates {
  static let sources: [(name: String, source: String)] = [
    ("alpaca", alpaca), ("chatml", chatML), ("gemma", gemma), ("llama-2", llama2), ("llama-3", llama3),
    ("mistral-instruct", mistralInstruct), ("phi-3", phi3), ("raw", raw), ("synthia", synthia),
    ("vicuna", vicuna), ("zephyr", zephyr),
  ]
}
