import Glibc
import TestSupport
import Testing

@testable import ModelFormats

@Suite("Opening files without following links") struct FileOpeningTests {
  private func canOpen(_ path: String) -> Bool {
    let descriptor = FileOpening.open(path)
    if descriptor >= 0 { close(descriptor) }
    return descriptor >= 0
  }

  @Test("A link anywhere in the path is refused, and only where links are")
  func links() throws {
    let folder = try TemporaryFolder()
    mkdir(folder.file("real"), 0o700)
    try folder.write("real/file", [1])
    symlink("real", folder.file("link"))
    symlink("file", folder.file("real/linkedfile"))
    let real = try #require(realpath(folder.file("real"), nil).map { String(cString: $0) })
    let paths: [(String, Bool)] = [
      ("\(real)/file", true), ("\(real)//./file", true), (folder.file("link/file"), false),
      ("\(real)/linkedfile", false), ("\(real)/../real/file", false), ("\(real)/nosuch", false),
      ("\(real)/file/x", false), ("file", false), ("", false),
    ]
    for (path, isPlain) in paths {
      #expect(FileOpening.$refusesLinks.withValue(true) { canOpen(path) } == isPlain, "\(path)")
    }
    for path in [folder.file("link/file"), "\(real)/linkedfile", "\(real)/../real/file"] {
      #expect(canOpen(path), "\(path)")
    }
  }

  @Test("A folder that becomes a link between check and opening leads nowhere")
  func swapped() throws {
    let folder = try TemporaryFolder()
    mkdir(folder.file("models"), 0o700)
    mkdir(folder.file("secret"), 0o700)
    try folder.write("models/file", [1])
    try folder.write("secret/file", [2])
    let root = try #require(realpath(folder.path, nil).map { String(cString: $0) })
    rename("\(root)/models", "\(root)/moved")
    symlink("secret", "\(root)/models")
    #expect(throws: ModelFormatError.self) {
      try FileOpening.$refusesLinks.withValue(true) { try MappedFile(path: "\(root)/models/file") }
    }
  }
}
