import Glibc
import RoleTestSupport
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Host

@Suite("The files of folders, looked at again and again") struct WatchedFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func edited(_ name: String, _ text: String, in folder: TemporaryFolder) -> WatchedFiles.Change {
    .edited(name: name, path: folder.file("\(name).jinja"), text: text)
  }

  private func watch(_ folders: [String]) throws -> WatchedFiles {
    try .templates(in: folders.map { PluginFolder($0) }, log: silent)
  }

  @Test("A look reports what is new, and the next one only what changed since") func edits() throws {
    try folder.write("b.jinja", Array("B".utf8))
    try folder.write("a.jinja", Array("A".utf8))
    try folder.write(".hidden.jinja", Array("H".utf8))
    try folder.write("notes.txt", Array("N".utf8))
    var folders = try watch([folder.path])
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
    var folders = try watch([folder.path])
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
    var folders = try watch([folder.path, second.path])
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
    var folders = try watch([folder.path])
    let refused = folders.changes().compactMap { change in
      if case .refused(let name, _, let why) = change { return why.isEmpty ? nil : name }
      return nil as String?
    }
    #expect(refused == ["folder", "large", "noise"])
    try folder.write("noise.jinja", Array("text".utf8))
    #expect(folders.changes().contains(edited("noise", "text", in: folder)))
  }

  @Test("A folder that cannot be read is an error when the daemon starts") func missing()
    throws
  {
    let path = folder.file("none")
    let error = #expect(throws: WorkbenchError.self) { _ = try watch([path]) }
    #expect(error?.kind == .notFound && error?.message.contains(path) == true)
    var none = try watch([])
    #expect(none.changes().isEmpty)
  }

  @Test("A default folder that appears later is read from then on; when it is gone, so are its files")
  func later() throws {
    let path = folder.file("later")
    var files = try WatchedFiles.templates(in: [PluginFolder(path, isDefault: true)], log: silent)
    #expect(files.changes().isEmpty)
    #expect(mkdir(path, 0o700) == 0)
    try folder.write("later/a.jinja", Array("A".utf8))
    #expect(files.changes() == [.edited(name: "a", path: path + "/a.jinja", text: "A")])
    #expect(chmod(path, 0o777) == 0)
    #expect(files.changes() == [.removed(name: "a")], "others can write to it")
    #expect(chmod(path, 0o700) == 0)
    #expect(files.changes().count == 1)
    #expect(rename(path, folder.file("away")) == 0)
    #expect(files.changes() == [.removed(name: "a")])
    #expect(rename(folder.file("away"), path) == 0)
    #expect(files.changes().count == 1)
  }

  @Test("Presets are watched like templates") func presets() throws {
    try folder.write("a.preset.yaml", Array("top_k: 3".utf8))
    try folder.write("a.jinja", Array("A".utf8))
    var files = try WatchedFiles.presets(in: [PluginFolder(folder.path)], log: silent)
    #expect(
      files.changes() == [.edited(name: "a", path: folder.file("a.preset.yaml"), text: "top_k: 3")])
    try folder.write("a.preset.yaml", Array("top_k: 33".utf8))
    #expect(files.changes().count == 1 && files.changes().isEmpty)
  }

  @Test(
    "A folder that cannot be read for now is as it was, whatever the reason but that it is gone",
    arguments: [EMFILE, ENFILE, ENOMEM, EACCES, EIO, ELOOP, ESTALE])
  func unreadableFolder(code: Int32) throws {
    let failing = Mutex(false)
    var reader = FolderReader.system
    reader.names = { (folder) throws(SystemFailure) in
      if failing.withLock({ $0 }) { throw SystemFailure(code: code) }
      return try FolderReader.system.names(folder)
    }
    try folder.write("a.jinja", Array("A".utf8))
    var files = WatchedFiles(
      .template, limit: 100, [PluginFolder(folder.path)], reader: reader, log: silent)
    #expect(files.changes().count == 1)
    failing.withLock { $0 = true }
    #expect(files.changes().isEmpty)
    try folder.write("a.jinja", Array("edited".utf8))
    #expect(files.changes() == [edited("a", "edited", in: folder)], "its files can still be read by name")
    failing.withLock { $0 = false }
    #expect(files.changes().isEmpty)
  }

  @Test(
    "A file that cannot be read for now is reported once, stays as it was, and is read as soon as it can be")
  func unreadableFile() throws {
    let failing = Mutex(false)
    var reader = FolderReader.system
    reader.text = { path, limit in
      if failing.withLock({ $0 }) { throw SystemFailure(code: EMFILE) }
      return try FolderReader.system.text(path, limit)
    }
    try folder.write("a.jinja", Array("A".utf8))
    var files = WatchedFiles(
      .template, limit: 100, [PluginFolder(folder.path)], reader: reader, log: silent)
    #expect(files.changes().count == 1)
    failing.withLock { $0 = true }
    try folder.write("a.jinja", Array("edited".utf8))
    let refused = files.changes()
    guard case .refused("a", _, let why)? = refused.first else {
      Issue.record("\(refused)")
      return
    }
    #expect(refused.count == 1 && !why.isEmpty)
    #expect(files.changes().isEmpty)
    failing.withLock { $0 = false }
    #expect(files.changes() == [edited("a", "edited", in: folder)], "although it has not changed since")
    #expect(files.changes().isEmpty)
  }

  @Test("A change that could not be applied comes again") func again() throws {
    try folder.write("a.jinja", Array("A".utf8))
    var files = try watch([folder.path])
    let changes = files.changes()
    for change in changes { files.tryAgain(change) }
    #expect(files.changes() == changes && files.changes().isEmpty)
  }
}
