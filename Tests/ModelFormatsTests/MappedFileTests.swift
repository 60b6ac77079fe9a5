import Glibc
import ModelFormats
import TestSupport
import Testing

@Suite("Mapped files")
struct MappedFileTests {
  /// The error of opening `path`, as a file and as a model: they agree.
  func failure(_ path: String) -> ModelFormatError? {
    let error = open(path).failure
    let raw = #expect(throws: ModelFormatError.self) { try MappedFile(path: path) }
    #expect(raw == error)
    return error
  }

  @Test("a pipe, a socket, a device and a directory are refused at once and by name")
  func specialFiles() throws {
    let folder = try TemporaryFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    #expect(failure(folder.file("pipe"))?.message == "this is a named pipe")
    // As a model a directory is a checkpoint's folder.
    let directory = #expect(throws: ModelFormatError.self) { try MappedFile(path: folder.path) }
    #expect(directory?.message == "this is a directory")
    #expect(failure("/dev/zero")?.message == "this is a device")
    #expect(failure("/dev/random")?.kind == .notARegularFile)
    #expect(mknod(folder.file("socket"), S_IFSOCK | 0o600, 0) == 0)
    #expect(failure(folder.file("socket"))?.message == "this is a socket")
    #expect(symlink(folder.file("pipe"), folder.file("link")) == 0)
    #expect(failure(folder.file("link"))?.kind == .notARegularFile)
  }

  @Test("paths that lead nowhere say so")
  func paths() throws {
    let folder = try TemporaryFolder()
    let plain = try folder.write("plain", [1])
    #expect(failure(folder.file("none"))?.kind == .notFound)
    #expect(failure("")?.kind == .notFound)
    #expect(failure(plain + "/below")?.kind == .notFound)
    #expect(failure(plain + "\0.gguf")?.kind == .notFound)
    #expect(failure("/" + String(repeating: "a", count: 300))?.kind == .notFound)
    #expect(failure("/" + String(repeating: "a/", count: 5_000))?.kind == .notFound)
    #expect(symlink(folder.file("b"), folder.file("a")) == 0)
    #expect(symlink(folder.file("a"), folder.file("b")) == 0)
    #expect(failure(folder.file("a"))?.kind == .notReadable)
    #expect(failure(folder.file("a"))?.description.hasPrefix(folder.file("a")) == true)
  }

  @Test("a file without read permission is refused", .enabled(if: geteuid() != 0))
  func forbidden() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("closed", [1])
    #expect(chmod(path, 0) == 0)
    #expect(failure(path)?.kind == .notReadable)
  }

  @Test("files of the kernel, which claim no bytes, are empty")
  func kernelFiles() {
    #expect(open("/proc/self/maps").failure?.kind == .notAModel)
    #expect(open("/proc/self/mem").failure?.kind == .notAModel)
  }

  @Test("a file that is cut, grown or written to is not intact")
  func changes() throws {
    let folder = try TemporaryFolder()
    let model = sample().image().bytes
    let changes: [(String) throws -> Void] = [
      { #expect(truncate($0, off_t(model.count - 1)) == 0) },
      { #expect(truncate($0, off_t(model.count + 1)) == 0) },
      { path in
        var times = [timespec(tv_sec: 1, tv_nsec: 0), timespec(tv_sec: 1, tv_nsec: 0)]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
      },
      { try writeFile($0, model + [0]) },
      // Written to, and the times put back.
      { path in
        var before = stat()
        #expect(stat(path, &before) == 0)
        try writeFile(path, model.dropLast() + [7])
        var times = [before.st_atim, before.st_mtim]
        #expect(utimensat(AT_FDCWD, path, &times, 0) == 0)
      },
    ]
    for (index, change) in changes.enumerated() {
      let path = try folder.write("model\(index)", model)
      let file = try ModelFile.open(path: path)
      #expect(file.stillIntact())
      try file.requireIntact()
      try change(path)
      #expect(!file.stillIntact())
      let error = #expect(throws: ModelFormatError.self) { try file.requireIntact() }
      #expect(error?.kind == .changed)
      #expect(error?.path == path)
    }
  }

  @Test("another name, owner or mode of a file is no other content")
  func facts() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model", sample().image().bytes)
    let file = try ModelFile.open(path: path)
    #expect(chmod(path, 0o444) == 0)
    #expect(file.stillIntact())
    for _ in 0..<2 {
      #expect(link(path, folder.file("other")) == 0)
      #expect(file.stillIntact())
      #expect(unlink(folder.file("other")) == 0)
      #expect(file.stillIntact())
    }
    #expect(unlink(path) == 0)
    #expect(file.stillIntact())
  }

  @Test("the state of a model tells it from every other file, and from itself after a change")
  func state() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model", sample().image().bytes)
    let state = try ModelFile.open(path: path).state
    try ModelFile.open(path: path).requireState(state)
    for wrong in ["", "x", state + ",1", state + "," + state, state.replacing(":", with: "")] {
      let error = #expect(throws: ModelFormatError.self) {
        try ModelFile.open(path: path).requireState(wrong)
      }
      #expect(error?.kind == .changed)
    }
    let copy = try folder.write("copy", sample().image().bytes)
    #expect(throws: ModelFormatError.self) { try ModelFile.open(path: copy).requireState(state) }
    try writeFile(path, sample().image().bytes + [0])
    #expect(throws: ModelFormatError.self) { try ModelFile.open(path: path).requireState(state) }
  }

  @Test("a file that is replaced by name keeps its old bytes")
  func replaced() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("model", sample().image().bytes)
    let file = try ModelFile.open(path: path)
    let raw = try MappedFile(path: path)
    #expect(!raw.isReplaced())
    let other = try folder.write("other", [1])
    #expect(rename(other, path) == 0)
    #expect(file.stillIntact())
    #expect(raw.isReplaced())
    #expect(try bytes(#require(file.tensors["q"])) == [UInt8](repeating: 2, count: 68))
    #expect(unlink(path) == 0)
    #expect(raw.isReplaced())
  }

  @Test("pages that were given back read the same again")
  func dropping() throws {
    let folder = try TemporaryFolder()
    let path = folder.file("model")
    try TinyModel().write(to: path)
    let file = try ModelFile.open(path: path)
    for name in file.tensorNames {
      let tensor = try #require(file.tensors[name])
      let before = bytes(tensor)
      file.adviseDontNeed(tensor)
      #expect(bytes(tensor) == before)
    }
  }

  @Test("no descriptor stays open after errors and closed models")
  func descriptors() throws {
    let folder = try TemporaryFolder()
    let good = try folder.write("good", sample().image().bytes)
    let bad = try folder.write("bad", Array(sample().image().bytes.dropLast(100)))
    let model = try ModelFile.open(path: good)
    // Other tests open files meanwhile, so the count is of this one's.
    func mine() throws -> Int {
      var count = 0
      for descriptor in 0..<CInt(1_024) {
        var status = stat()
        var wanted = stat()
        guard fstat(descriptor, &status) == 0, stat(good, &wanted) == 0 else { continue }
        if status.st_ino == wanted.st_ino && status.st_dev == wanted.st_dev { count += 1 }
        guard stat(bad, &wanted) == 0 else { continue }
        if status.st_ino == wanted.st_ino && status.st_dev == wanted.st_dev { count += 1 }
      }
      return count
    }
    for _ in 0..<100 {
      #expect(open(bad).failure?.kind == .truncated)
      _ = try ModelFile.open(path: good)
    }
    #expect(try mine() == 1)
    #expect(model.stillIntact())
  }
}
