import Glibc
import ModelFormats
import TestSupport
import Testing

@Suite("Split models")
struct SplitTests {
  static let names = ["split-00001-of-00002.gguf", "split-00002-of-00002.gguf"]

  /// Three parts with a tensor each, in a folder; `change` can make one of them wrong.
  func parts(
    _ folder: TemporaryFolder, _ change: (Int, inout GGUFWriter) -> Void = { _, _ in }
  ) throws -> [String] {
    try (0..<3).map { number in
      var writer = GGUFWriter()
      if number == 0 { writer.set("general.architecture", .string("llama")) }
      writer.set("split.no", .uint16(UInt16(number)))
      writer.set("split.count", .uint16(3))
      writer.set("split.tensors.count", .int32(3))
      writer.tensors = [.init("t\(number)", shape: [1], type: 0, data: [UInt8(number), 0, 0, 0])]
      change(number, &writer)
      return try folder.write("m-0000\(number + 1)-of-00003.gguf", writer.image().bytes)
    }
  }

  @Test("a split of the Python package opens whole by either part", arguments: names)
  func either(_ name: String) throws {
    let file = try ModelFile.open(path: fixture(name))
    let whole = try ModelFile.open(path: fixture("whole.gguf"))
    #expect(file.architecture == "llama")
    #expect(file.tensorNames == whole.tensorNames)
    #expect(file.byteCount == 864 + 480)
    #expect(file.parts.map { String($0.suffix(25)) } == Self.names)
    for name in whole.tensorNames {
      #expect(try bytes(#require(file.tensors[name])) == bytes(#require(whole.tensors[name])))
    }
  }

  @Test("any of three parts opens them in order")
  func three() throws {
    let folder = try TemporaryFolder()
    for path in try parts(folder) {
      let file = try ModelFile.open(path: path)
      #expect(file.tensorNames == ["t0", "t1", "t2"])
      #expect(file.path == path)
      #expect(file.metadata.string("general.architecture") == "llama")
    }
  }

  @Test("a missing part is named")
  func missing() throws {
    let folder = try TemporaryFolder()
    let paths = try parts(folder)
    try #require(rename(paths[1], folder.file("away")) == 0)
    let error = try #require(open(paths[0]).failure)
    #expect(error.kind == .notFound)
    #expect(error.path == paths[1])
    #expect(
      error.description
        == "\(paths[1]): part 2 of 3: no such file; put all parts beside \(paths[0])")
  }

  @Test("a part that is broken, of another split or no part at all is named")
  func wrong() throws {
    let changes: [((inout GGUFWriter) -> Void, ModelFormatError.Kind)] = [
      ({ $0.set("split.no", .uint16(0)) }, .invalid),
      ({ $0.set("split.count", .uint16(4)) }, .invalid),
      ({ $0.set("split.tensors.count", .int32(4)) }, .invalid),
      ({ $0.remove("split.count") }, .invalid),
      ({ $0.remove("split.no") }, .invalid),
      ({ $0.tensors[0].name = Array("t0".utf8) }, .invalid),
      ({ $0.tensors[0].shape = [1_000] }, .truncated),
      ({ $0.version = 9 }, .unsupportedVersion),
    ]
    for (change, kind) in changes {
      let folder = try TemporaryFolder()
      let paths = try parts(folder) { if $0 == 2 { change(&$1) } }
      let error = try #require(open(paths[0]).failure)
      #expect(error.kind == kind)
      #expect(error.path == paths[2])
    }
  }

  @Test("tensors missing over all parts are an error")
  func total() throws {
    let folder = try TemporaryFolder()
    let paths = try parts(folder) { if $0 == 2 { $1.tensors = [] } }
    let error = try #require(open(paths[0]).failure)
    #expect(error.message == "the parts hold 2 tensors")
  }

  @Test("a part under another name says which name it needs")
  func renamed() throws {
    let folder = try TemporaryFolder()
    let paths = try parts(folder)
    try #require(rename(paths[0], folder.file("model.gguf")) == 0)
    let error = try #require(open(folder.file("model.gguf")).failure)
    #expect(error.expected == "its name must end with -00001-of-00003.gguf")
  }

  @Test("a directory in place of a part is refused")
  func directory() throws {
    let folder = try TemporaryFolder()
    let paths = try parts(folder)
    try #require(remove(paths[1]) == 0 && mkdir(paths[1], 0o700) == 0)
    #expect(open(paths[0]).failure?.kind == .notARegularFile)
  }

  @Test("a merged model that kept its keys is whole")
  func merged() throws {
    var writer = sample()
    writer.set("split.count", .uint16(0))
    #expect(try open(writer.image().bytes).get().tensorNames.count == 3)
    writer.set("split.count", .uint16(1))
    writer.set("split.no", .uint16(0))
    #expect(try open(writer.image().bytes).get().tensorNames.count == 3)
  }
}
