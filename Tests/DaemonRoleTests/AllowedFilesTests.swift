import Testing

@testable import DaemonRole

@Suite("Files that a worker may ask for") struct AllowedFilesTests {
  @Test(
    "A file, what lies in a folder, parts of a split model and companions of a tokenizer; nothing else",
    arguments: [
      ("/m/a.gguf", "/m/a.gguf", true), ("/m/a.gguf", "/m/b.gguf", false), ("/m/a.gguf", "/m/a.gguf2", false),
      ("/m/a.gguf", "/m/../m/a.gguf", false), ("/m", "/m/tokenizer.json", true),
      ("/m/", "/m/tokenizer.json", true),
      ("/m", "/m/deep/x", false), ("/m", "/m/../x", false), ("/m", "/mm/x", false),
      ("/m/a-00001-of-00003.gguf", "/m/a-00003-of-00003.gguf", true),
      ("/m/a-00001-of-00003.gguf", "/m/a-00003-of-00004.gguf", false),
      ("/m/a-00001-of-00003.gguf", "/m/b-00002-of-00003.gguf", false),
      ("/m/a-00001-of-00003.gguf", "/n/a-00002-of-00003.gguf", false),
      ("/m/a-00001-of-00003.gguf", "/m/a-0000x-of-00003.gguf", false),
      ("/m/tokenizer.json", "/m/tokenizer_config.json", true), ("/m/tokenizer.json", "/m/secret.json", false),
      ("a.gguf", "a.gguf", true), ("a.gguf", "b.gguf", false),
      ("a-00001-of-00002.gguf", "a-00002-of-00002.gguf", true),
      ("plugin-name", "/etc/passwd", false), ("plugin-name", "", false),
    ])
  func allowed(named: String, path: String, isAllowed: Bool) async {
    let files = AllowedFiles()
    #expect(!files.allows(path))
    await files.during([named]) { #expect(files.allows(path) == isAllowed) }
    #expect(!files.allows(path))
  }

  @Test("A file stays allowed as long as one call names it")
  func overlapping() async {
    let files = AllowedFiles()
    await files.during(["/a", "/a"]) {
      await files.during(["/a"]) {}
      #expect(files.allows("/a"))
    }
    #expect(!files.allows("/a"))
  }
}
