import Glibc
import TestSupport
import Testing

@testable import Files

@Suite struct NewFileTests {
  @Test("a new file has its name only when it is complete, and leaves nothing else behind")
  func appears() throws {
    let folder = try TemporaryFolder()
    let file = try NewFile(path: folder.file("new"), replacing: false)
    try write("some", to: file)
    #expect(try names(in: folder).allSatisfy { $0.hasSuffix(".new") })
    try write(" bytes", to: file)
    try file.complete()
    #expect(try names(in: folder) == ["new"])
    #expect(try text(of: folder.file("new")) == "some bytes")
  }

  @Test("a file that is given up leaves nothing behind", arguments: [false, true])
  func isGivenUp(replacing: Bool) throws {
    let folder = try TemporaryFolder()
    if replacing { try complete("old", at: folder.file("new")) }
    do {
      let file = try NewFile(path: folder.file("new"), replacing: replacing)
      try write("some", to: file)
    }
    #expect(try names(in: folder) == (replacing ? ["new"] : []))
    if replacing { #expect(try text(of: folder.file("new")) == "old") }
  }

  @Test("an existing file is refused at the start and at the end, and replaced only on request")
  func exists() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("new")
    let late = try NewFile(path: path, replacing: false)
    try complete("old", at: path)
    for attempt in [{ _ = try NewFile(path: path, replacing: false) }, { try late.complete() }] {
      #expect(throws: FileError(.exists, "'\(path)' already exists")) { try attempt() }
      #expect(try text(of: path) == "old")
    }
    let other = try NewFile(path: path, replacing: true)
    try write("new", to: other)
    try other.complete()
    #expect(try text(of: path) == "new")
  }

  @Test("folders, links and special files are not replaced; missing folders are named")
  func refusals() throws {
    let folder = try TemporaryFolder()
    #expect(mkdir(folder.file("folder"), 0o700) == 0)
    #expect(symlink("/dev/null", folder.file("link")) == 0)
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    for name in ["folder", "link", "pipe"] {
      let path = folder.file(name)
      let expected = FileError(.invalid, "'\(path)' is not a regular file, so it is not replaced")
      #expect(throws: expected) { _ = try NewFile(path: path, replacing: true) }
    }
    for path in ["", folder.file("new") + "/", "a\0b"] {
      let error = #expect(throws: FileError.self) { _ = try NewFile(path: path, replacing: false) }
      #expect(error?.kind == .invalid)
    }
    let missing = folder.file("missing") + "/new"
    let error = #expect(throws: FileError.self) { _ = try NewFile(path: missing, replacing: false) }
    #expect(error == FileError(.notFound, "cannot create '\(missing)': No such file or directory"))
    let long = folder.file(String(repeating: "n", count: 300))
    let tooLong = #expect(throws: FileError.self) { _ = try NewFile(path: long, replacing: false) }
    #expect(tooLong?.kind == .invalid)
  }

  @Test("a name as long as the system allows can be written")
  func longName() throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "n", count: 255)
    try complete("text", at: folder.file(name))
    #expect(try names(in: folder) == [name])
  }

  @Test("the system's refusals keep what a caller can act on")
  func kinds() {
    let expected: [Int32: FileError.Kind] = [
      ENOSPC: .full, EDQUOT: .full, ENOENT: .notFound, ENAMETOOLONG: .invalid, EACCES: .system,
    ]
    for (code, kind) in expected { #expect(FileError.system("cannot write 'a'", code).kind == kind) }
    #expect(
      FileError.system("cannot write 'a'", ENOSPC).message == "cannot write 'a': No space left on device")
  }

  private func complete(_ text: String, at path: String) throws {
    let file = try NewFile(path: path, replacing: false)
    try write(text, to: file)
    try file.complete()
  }

  private func write(_ text: String, to file: NewFile) throws {
    try Array(text.utf8).withUnsafeBytes { try file.write($0) }
  }

  private func text(of path: String) throws -> String {
    let descriptor = open(path, O_RDONLY)
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 256)
    let count = read(descriptor, &buffer, buffer.count)
    try #require(count >= 0)
    return String(decoding: buffer[..<count], as: UTF8.self)
  }

  private func names(in folder: TemporaryFolder) throws -> [String] {
    let path = folder.file("")
    let directory = try #require(opendir(path))
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
