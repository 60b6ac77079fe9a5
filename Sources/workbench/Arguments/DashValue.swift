/// Advice for a value that begins with `-` and was taken for an option.
enum DashValue {
  /// What to write instead, for an error of the argument parser; nil for any other error.
  static func hint(for message: String) -> String? {
    let line = message.prefix { $0 != "\n" }
    if line.hasPrefix("Missing value for '"), let option = line.split(separator: "'").dropFirst().first {
      let name = option.split(separator: " ").first ?? option
      return "a value that begins with - is written \(name)=VALUE"
    }
    if line.hasPrefix("Unknown option '-"), line.dropFirst("Unknown option '-".count).first?.isNumber == true
    {
      return "words that begin with - are given after --"
    }
    return nil
  }
}
