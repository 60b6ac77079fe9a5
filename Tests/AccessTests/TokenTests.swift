import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Access

@Suite("Tokens and their file") struct TokenTests {
  private func error(_ body: () throws(AccessError) -> Void) -> AccessError? {
    do throws(AccessError) {
      try body()
      return nil
    } catch {
      return error
    }
  }

  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
  }

  @Test("A token has 256 random bits, and its hash is the one that sha256sum prints")
  func secret() {
    let tokens = (0..<1000).map { _ in Secret.make() }
    #expect(Set(tokens).count == 1000)
    #expect(tokens.allSatisfy { $0.hasPrefix("wb_") && $0.utf8.count == 3 + 43 })
    var list = TokenList()
    #expect(error { () throws(AccessError) in try list.add("a", .use, token: "abc") } == nil)
    // printf abc | sha256sum
    let known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    #expect(list.text.hasSuffix("\na use sha256:\(known)\n"))
  }

  @Test("A byte-order mark in front is not part of a token or a list")
  func byteOrderMark() throws {
    let folder = try TemporaryFolder()
    for text in ["\u{FEFF}wb_x\n", "wb_x\n"] {
      let path = try folder.write("token", Array(text.utf8))
      chmod(path, 0o600)
      #expect(try PrivateFile.read(path) == "wb_x\n")
    }
  }

  @Test("What is written is read again, with comments, and no token is in it")
  func file() throws {
    let folder = try TemporaryFolder()
    let file = TokenFile(folder.file("conf/workbench/tokens"))
    let tokens = [Role.read, .use, .manage].map { ($0, Secret.make()) }
    for (role, token) in tokens {
      try file.update { list throws(AccessError) in try list.add(role.rawValue, role, token: token) }
    }
    #expect(mode(file.path) == 0o600 && mode(folder.file("conf")) == 0o700)
    let text = try PrivateFile.read(file.path)
    #expect(text.hasPrefix("# ") && tokens.allSatisfy { !text.contains($0.1) })
    for (role, token) in tokens {
      let entry = try file.read().entry(of: token)
      #expect(entry?.role == role && entry?.name == role.rawValue)
      #expect(try file.read().entry(of: token + "x") == nil)
    }
    try file.update { list throws(AccessError) in try list.remove("use") }
    let left = try file.read()
    #expect(left.entries.map(\.name) == ["read", "manage"] && left.entry(of: tokens[1].1) == nil)
    #expect(try PrivateFile.read(file.path).hasPrefix("# "))
    let again = error { () throws(AccessError) in
      try file.update { list throws(AccessError) in try list.add("read", .use, token: "x") }
    }
    #expect(again?.kind == .exists)
    let unknown = error { () throws(AccessError) in
      try file.update { list throws(AccessError) in try list.remove("nosuch") }
    }
    #expect(unknown?.message == "no token is named 'nosuch'; it has: read, manage")
    #expect(try file.read() == left)
  }

  @Test("A broken line is named and never repeated whole")
  func brokenLines() {
    let hash = String(repeating: "a", count: 64)
    let cases: [(String, String)] = [
      ("ci use", "f, line 1: expected NAME ROLE sha256:HASH, found 2 words"),
      ("# c\n\nci admin sha256:\(hash)", "f, line 3: 'admin' is not a role; the roles are read, use, manage"),
      ("ci use wb_secret", "f, line 1: the third word must be sha256: and 64 hexadecimal digits"),
      ("ci use sha256:\(hash)a", "f, line 1: the third word must be sha256: and 64 hexadecimal digits"),
      (
        "ci use sha256:\(hash.dropLast())g",
        "f, line 1: the third word must be sha256: and 64 hexadecimal digits"
      ),
      (
        "a use sha256:\(hash)\na read sha256:\(hash)",
        "f, line 2: a token named 'a' already exists; revoke it or choose another name"
      ),
      ("a/b use sha256:\(hash)", "f, line 1: a token's name has 1 to 64 letters, digits, '-', '_' and '.'"),
    ]
    for (text, message) in cases {
      let error = error { () throws(AccessError) in _ = try TokenList(text: text, place: "f") }
      #expect(error?.message == message)
    }
  }

  @Test("A file that others can open, a folder, a pipe and a missing file are refused")
  func refusedFiles() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("tokens", Array("# none\n".utf8))
    for mode in [0o640, 0o604, 0o620, 0o602, 0o610, 0o601] as [mode_t] {
      chmod(path, mode)
      let error = error { () throws(AccessError) in _ = try PrivateFile.read(path) }
      #expect(error?.message.hasSuffix("run: chmod 600 '\(path)'") == true, "\(mode)")
    }
    mkfifo(folder.file("pipe"), 0o600)
    for (name, kind) in [("pipe", AccessError.Kind.invalid), ("nosuch", .notFound), ("", .invalid)] {
      #expect(error { () throws(AccessError) in _ = try PrivateFile.read(folder.file(name)) }?.kind == kind)
    }
    try folder.write("binary", [0xFF, 0xFE])
    #expect(
      error { () throws(AccessError) in _ = try PrivateFile.read(folder.file("binary")) }?.message.hasSuffix(
        "is not UTF-8 text") == true)
  }

  @Test("Of changes at the same time none is lost")
  func concurrentChanges() async throws {
    let folder = try TemporaryFolder()
    let file = TokenFile(folder.file("tokens"))
    await withTaskGroup(of: Void.self) { group in
      for number in 0..<40 {
        group.addTask {
          do throws(AccessError) {
            try file.update { list throws(AccessError) in
              try list.add("t\(number)", .use, token: Secret.make())
            }
          } catch {
            Issue.record(error)
          }
        }
      }
    }
    #expect(Set(try file.read().entries.map(\.name)) == Set((0..<40).map { "t\($0)" }))
  }

  @Test("The store sees each change at the next question, and keeps the old tokens while the file is broken")
  func store() throws {
    let folder = try TemporaryFolder()
    let file = TokenFile(folder.file("tokens"))
    let (first, second) = (Secret.make(), Secret.make())
    try file.update { list throws(AccessError) in try list.add("a", .use, token: first) }
    let reports = Mutex<[AccessError?]>([])
    let store = try TokenStore(path: file.path) { report in reports.withLock { $0.append(report) } }
    #expect(store.entry(of: first)?.name == "a" && store.entry(of: second) == nil)
    try file.update { list throws(AccessError) in try list.add("b", .manage, token: second) }
    #expect(store.entry(of: second)?.role == .manage)
    try file.update { list throws(AccessError) in try list.remove("a") }
    #expect(store.entry(of: first) == nil)
    #expect(reports.withLock { $0 } == [nil, nil])
    // Each of these states leaves the tokens as they were, and is reported once.
    let good = try PrivateFile.read(file.path)
    try writeFile(file.path, Array("nonsense\n".utf8))
    for _ in 0..<3 { #expect(store.entry(of: second) != nil) }
    chmod(file.path, 0o644)
    for _ in 0..<3 { #expect(store.entry(of: second) != nil) }
    unlink(file.path)
    for _ in 0..<3 { #expect(store.entry(of: second) != nil) }
    let problems = reports.withLock { $0 }.dropFirst(2)
    #expect(problems.count == 3 && !problems.contains(nil))
    try writeFile(file.path, Array(good.utf8))
    #expect(store.entry(of: second) != nil && reports.withLock { $0.last } == .some(nil))
  }

  @Test("A role includes the ones before it")
  func roles() {
    #expect(Role.read < .use && Role.use < .manage && Role.allCases.sorted() == Role.allCases)
  }
}
