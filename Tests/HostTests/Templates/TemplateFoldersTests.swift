import Glibc
import RoleTestSupport
import Runtime
import TestSupport
import Testing

@testable import Host

@Suite("The template files of folders, looked at again and again") struct TemplateFoldersTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func edited(_ name: String, _ text: String, in folder: TemporaryFolder) -> TemplateFolders.Change {
    .edited(name: name, path: folder.file("\(name).jinja"), text: text)
  }

  @Test("A look reports what is new, and the next one only what changed since") func edits() throws {
    try folder.write("b.jinja", Array("B".utf8))
    try folder.write("a.jinja", Array("A".utf8))
    try folder.write(".hidden.jinja", Array("H".utf8))
    try folder.write("notes.txt", Array("N".utf8))
    var folders = try TemplateFolders([folder.path], log: silent)
    #expect(!folders.isEmpty)
    #expect(folders.changes() == [edited("a", "A", in: folder), edited("b", "B", in: folder)])
    #expect(folders.changes().isEmpty)
    try folder.write("a.jinja", Array("longer".utf8))
    #expect(folders.changes() == [edited("a", "longer", in: folder)])
    #expect(unlink(folder.file("b.jinja")) == 0)
    #expect(folders.changes() == [.removed(name: "b")])
    #expect(folders.changes().isEmpty)
  }

  @Test("A file that is replaced by one of the same size and time is noticed") func replaced() throws {
    try folder.write("a.jinja", Array("one".utf8))
    var folders = try TemplateFolders([folder.path], log: silent)
    _ = folders.changes()
    try folder.write("new", Array("two".utf8))
    var status = stat()
    #expect(stat(folder.file("a.jinja"), &status) == 0)
    var times = [status.st_atim, status.st_mtim]
    #expect(utimensat(AT_FDCWD, folder.file("new"), &times, 0) == 0)
    #expect(rename(folder.file("new"), folder.file("a.jinja")) == 0)
    #expect(folders.changes() == [edited("a", "two", in: folder)])
  }

  @Test("Of two files with one name that of the earlier folder counts; without it the other one shows")
  func twoFolders() throws {
    let second = try TemporaryFolder()
    try folder.write("a.jinja", Array("first".utf8))
    try second.write("a.jinja", Array("second".utf8))
    var folders = try TemplateFolders([folder.path, second.path], log: silent)
    #expect(folders.changes() == [edited("a", "first", in: folder)])
    try second.write("a.jinja", Array("second, edited".utf8))
    #expect(folders.changes().isEmpty)
    #expect(unlink(folder.file("a.jinja")) == 0)
    #expect(folders.changes() == [edited("a", "second, edited", in: second)])
  }

  @Test("What cannot be read as text is refused with why, once") func refused() throws {
    try folder.write("large.jinja", [UInt8](repeating: 0x61, count: HostLimits.templateBytes + 1))
    try folder.write("noise.jinja", [0xff, 0xfe])
    #expect(mkdir(folder.file("folder.jinja"), 0o700) == 0)
    var folders = try TemplateFolders([folder.path], log: silent)
    let refused = folders.changes().compactMap { change in
      if case .refused(let name, _, let why) = change { return why.isEmpty ? nil : name }
      return nil as String?
    }
    #expect(refused == ["folder", "large", "noise"])
    try folder.write("noise.jinja", Array("text".utf8))
    #expect(folders.changes().contains(edited("noise", "text", in: folder)))
  }

  @Test("A folder that cannot be read is an error when the daemon starts, and empties later") func missing()
    throws
  {
    let path = folder.file("none")
    let error = #expect(throws: WorkbenchError.self) { _ = try TemplateFolders([path], log: silent) }
    #expect(error?.kind == .notFound && error?.message.contains(path) == true)
    #expect(try TemplateFolders([], log: silent).isEmpty)
  }
}
