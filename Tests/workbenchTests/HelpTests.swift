import ArgumentParser
import Glibc
import Testing

@testable import workbench

/// The help of every command is compared with a file, character by character; run the tests with
/// WORKBENCH_RECORD=1 to rewrite the files.
@Suite struct HelpTests {
  /// A command and the words that call it.
  struct Entry: Sendable, CustomTestStringConvertible {
    var words: [String]
    var command: any ParsableCommand.Type

    var testDescription: String { words.joined(separator: " ") }
  }

  /// The program and all commands below it.
  static let entries = tree(Workbench.self, ["workbench"])

  private static func tree(_ command: any ParsableCommand.Type, _ words: [String]) -> [Entry] {
    [Entry(words: words, command: command)]
      + command.configuration.subcommands.flatMap { tree($0, words + [CommandNames.names($0)[0]]) }
  }

  private static let folder =
    #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Snapshots"

  @Test("The help is what the snapshots say", arguments: entries)
  func help(_ entry: Entry) throws {
    let help = Workbench.helpMessage(for: entry.command, columns: 80) + "\n"
    let words = entry.words.count > 1 ? Array(entry.words.dropFirst()) : entry.words
    let path = "\(Self.folder)/\(words.joined(separator: "-")).txt"
    if getenv("WORKBENCH_RECORD") != nil {
      let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0o644)
      let bytes = Array(help.utf8)
      _ = write(descriptor, bytes, bytes.count)
      close(descriptor)
    }
    #expect(help == Scratch.contents(path))
  }

  @Test("No line of the help but a usage line is wider than a terminal of 80 columns", arguments: entries)
  func width(_ entry: Entry) {
    for line in Workbench.helpMessage(for: entry.command, columns: 80).split(separator: "\n")
    where !line.hasPrefix("USAGE: ") {
      #expect(line.count <= 80, "\(line)")
    }
  }

  @Test("Every option, flag and argument has a sentence of help", arguments: entries)
  func sentences(_ entry: Entry) {
    let lines = Workbench.helpMessage(for: entry.command, columns: 300).split(separator: "\n")
    for (index, line) in lines.enumerated() where line.hasPrefix("  -") || line.hasPrefix("  <") {
      // Beside a name that is wider than its column, the sentence begins in the next line.
      let next = index + 1 < lines.count && lines[index + 1].hasPrefix("          ") ? lines[index + 1] : ""
      #expect(line.last == "." || next.last == ".", "\(line)")
    }
  }

  @Test("Examples in the help are command lines that parse", arguments: entries)
  func examples(_ entry: Entry) throws {
    for line in Workbench.helpMessage(for: entry.command, columns: 300).split(separator: "\n") {
      guard let start = line.firstRange(of: "  workbench "), line.hasPrefix("  workbench ") else { continue }
      let words = Self.words(line[start.upperBound...])
      #expect(throws: Never.self, "\(line)") { _ = try Workbench.parseAsRoot(words) }
    }
  }

  /// The words of an example as a shell splits them, up to a pipe, a redirection or a remark.
  private static func words(_ line: Substring) -> [String] {
    var words: [String] = []
    var word = ""
    var quoted = false
    var blanks = 0
    for character in line {
      if !quoted, character == "|" || character == "<" && word.isEmpty || character == ">" && word.isEmpty {
        break
      }
      if character == "\"" {
        quoted.toggle()
      } else if character == " ", !quoted {
        blanks += 1
        if blanks > 1 { break }
        if !word.isEmpty { words.append(word) }
        word = ""
        continue
      } else {
        word.append(character)
      }
      blanks = 0
    }
    return words + (word.isEmpty ? [] : [word])
  }
}
