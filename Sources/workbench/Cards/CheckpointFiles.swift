import Glibc
import JSON

/// The configuration files beside a checkpoint's weights, as far as a profile can hold what they say.
struct CheckpointFiles {
  /// What `generation_config.json` and `tokenizer_config.json` say, strongest first for each key.
  private(set) var findings: [Finding] = []
  /// The chat template.
  private(set) var template: Finding?

  /// Reads the files that there are in a folder.
  ///
  /// - Throws: `ClientError` for a folder or a file that cannot be read.
  init(_ folder: String) throws(ClientError) {
    var status = stat()
    guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw ClientError(.notFound, "'\(folder)' is not a folder; give the one with generation_config.json")
    }
    if let (json, file) = try Self.json("generation_config.json", in: folder) { read(generation: json, file) }
    if let (json, file) = try Self.json("tokenizer_config.json", in: folder) { read(tokenizer: json, file) }
    let path = folder + "/chat_template.jinja"
    if access(path, F_OK) == 0 {
      let text = try CardInput.text(path)
      template = Finding("jinja", .text(text), file: path, line: 1, quote: String(CardFile.split(text)[0]))
    }
  }

  private mutating func read(generation json: JSONValue, _ file: CardFile) {
    for name in GenerationNumbers.all {
      guard let value = json[name], let line = Self.line(of: name, in: file),
        let (key, found) = GenerationNumbers.finding(name, value.sourceText)
      else { continue }
      findings.append(Finding(key, found, file, line))
    }
  }

  private mutating func read(tokenizer json: JSONValue, _ file: CardFile) {
    if json["add_bos_token"]?.bool == false, let line = Self.line(of: "add_bos_token", in: file) {
      findings.append(Finding("add_bos", .flag(false), file, line))
    }
    let entry = json["chat_template"]
    var text = entry?.string
    for named in entry?.elements.map(Array.init) ?? [] where text == nil || named["name"]?.string == "default"
    {
      text = named["template"]?.string ?? text
    }
    guard let text, let line = Self.line(of: "chat_template", in: file) else { return }
    template = Finding("jinja", .text(text), file, line)
  }

  /// A JSON file of the folder with its lines; nil if there is none.
  private static func json(_ name: String, in folder: String) throws(ClientError) -> (JSONValue, CardFile)? {
    let path = folder + "/" + name
    guard access(path, F_OK) == 0 else { return nil }
    let text = try CardInput.text(path)
    do throws(JSONError) {
      return (try JSONDocument(text).root, CardFile(lines: text, name: path))
    } catch {
      throw ClientError(.usage, "'\(path)': \(error)")
    }
  }

  /// The line that has a key.
  private static func line(of key: String, in file: CardFile) -> CardFile.Line? {
    file.lines.first { $0.text.contains("\"\(key)\"") }
  }
}

/// Reads model cards and what is beside them.
enum CardInput {
  /// The text of a file.
  static func text(_ path: String) throws(ClientError) -> String {
    let text = try FileInput.readText(path)
    guard text.utf8.count <= Limits.cardBytes else {
      throw ClientError(
        .usage,
        "'\(path)' has \(Format.bytes(UInt64(text.utf8.count))); the limit is \(Format.bytes(UInt64(Limits.cardBytes)))"
      )
    }
    return text
  }
}
