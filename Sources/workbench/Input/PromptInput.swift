/// The prompt of a command line: its words, and standard input where it is asked for.
enum PromptInput {
  /// The words joined, then standard input if there are no words or the last one is `-`; nil if standard input is a
  /// terminal that nobody asked for.
  ///
  /// Beside a prompt standard input is left alone, since it may belong to a loop of the shell or never end.
  static func read(_ words: [String], dropsLastNewline: Bool) throws(ClientError) -> String? {
    let asked = words.last == "-"
    let prompt = (asked ? words.dropLast() : words[...]).joined(separator: " ")
    if !asked, !words.isEmpty { return prompt }
    guard var input = try asked ? FileInput.readText("-") : FileInput.pipedText() else { return nil }
    // As in a shell's $(...), the newline at the end of a file is not part of its text.
    if dropsLastNewline, input.hasSuffix("\r\n") || input.hasSuffix("\n") { input.removeLast() }
    guard !input.isEmpty else {
      if !prompt.isEmpty { return prompt }
      throw ClientError(
        .usage, "no prompt: standard input is empty", hint: "give the prompt as an argument, a pipe or a file"
      )
    }
    return prompt.isEmpty ? input : "\(prompt)\n\n\(input)"
  }
}
