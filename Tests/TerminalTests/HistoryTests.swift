import Glibc
import Terminal
import Testing

@Suite struct HistoryTests {
  private func withFolder(_ body: (String) throws -> Void) rethrows {
    var template = Array("/tmp/workbench-history-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else { return }
    let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    defer {
      unlink(folder + "/a/b/history")
      rmdir(folder + "/a/b")
      rmdir(folder + "/a")
      rmdir(folder)
    }
    try body(folder + "/a/b/history")
  }

  @Test("Blank lines and repetitions are not kept, and the number is bounded")
  func bounded() {
    var history = History()
    expectEqual(history.add("one"), true)
    expectEqual(history.add("one"), false)
    expectEqual(history.add("  \n"), false)
    for index in 0..<(2 * Limits.historyEntries) { history.add("\(index)") }
    #expect(history.entries.count == Limits.historyEntries)
    #expect(history.entries.last == "\(2 * Limits.historyEntries - 1)")
  }

  @Test("A file gives back every line, only its owner may read it, and it stays bounded")
  func file() {
    withFolder { path in
      let file = HistoryFile(path: path)
      #expect(file.load() == History())
      let lines = ["one", "two\nlines\\n", "한글\r", "\\"]
      for line in lines { file.append(line) }
      #expect(file.load().entries == lines)
      var status = stat()
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
      for index in 0..<(Limits.historyEntries + 50) { file.append("\(index)") }
      #expect(file.load().entries.count == Limits.historyEntries)
      #expect(file.load().entries.last == "\(Limits.historyEntries + 49)")
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
      chmod(path, 0o644)
      file.append("again")
      #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)
    }
  }

  @Test("A path that cannot be written is no error")
  func unwritable() {
    let file = HistoryFile(path: "/dev/null/nowhere")
    file.append("x")
    #expect(file.load() == History())
  }
}
