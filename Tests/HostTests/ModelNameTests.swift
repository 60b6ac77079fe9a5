import Runtime
import Testing

@testable import Host

@Suite("The names of models") struct ModelNameTests {
  @Test(
    "A model is named after its file, without the folder, the ending and the part number",
    arguments: [
      ("/models/SmolLM2-135M-Instruct.Q4_1.gguf", "SmolLM2-135M-Instruct.Q4_1"),
      ("tiny.gguf", "tiny"),
      ("tiny", "tiny"),
      ("/m/big-00001-of-00003.gguf", "big"),
      ("/m/big-00002-of-00003.gguf", "big-00002-of-00003"),
      ("/m/big-00001-of-3.gguf", "big-00001-of-3"),
      ("/m/a.gguf.gguf", "a.gguf"),
      ("/m/folder.gguf/", "folder"),
      ("/hub/models--migtissera--SynthIA-7B-v1.3/snapshots/0123abc/", "SynthIA-7B-v1.3"),
      ("/models/SynthIA-7B-v1.3/.", "SynthIA-7B-v1.3"),
      ("/m/my model (1).gguf", "my-model--1-"),
    ])
  func fromPath(path: String, name: String) {
    #expect(ModelName.fromPath(path) == name)
  }

  @Test("Names of one byte up to the limit are taken as they are")
  func accepted() throws {
    for name in [
      "a", "Qwen2.5-0.5B_q4+x", "org/model:7b,a", "Modell-ä", "模型", "हिन्दी",
      String(repeating: "x", count: HostLimits.nameBytes),
    ] {
      #expect(try ModelName.check(name) == name)
    }
  }

  @Test(
    "Names that are empty, too long or hard to type or to see are refused, and the field is named",
    arguments: [
      "", "a b", " a", "a\u{202e}b", "a\u{200b}", "a\u{2028}", "a@2", "a=b", "a'b", "$a", "😀", "a\nb",
      "\u{1b}[31m", "a\u{7f}", String(repeating: "x", count: HostLimits.nameBytes + 1),
    ])
  func refused(name: String) {
    let error = #expect(throws: WorkbenchError.self) { _ = try ModelName.check(name) }
    #expect(error?.kind == .invalidArgument && error?.field == "name")
    #expect(error?.message.contains("letters, digits") == true)
  }

  @Test(
    "The refusal shows the name and what is wrong with it",
    arguments: [
      ("", "; it is empty"), ("a b", "; 'a b' has ' '"),
      ("a\u{202e}b", "; 'a\\u{202E}b' has '\\u{202E}'"), ("a\nb", "; 'a\\u{A}b' has '\\u{A}'"),
      (String(repeating: "x", count: 300), "xxx...' has 300"),
    ])
  func shown(name: String, end: String) {
    let error = #expect(throws: WorkbenchError.self) { _ = try ModelName.check(name) }
    #expect(error?.message.hasSuffix(end) == true, "\(error?.message ?? "")")
  }

  @Test("The limit counts bytes, not characters") func bytes() {
    let name = String(repeating: "é", count: HostLimits.nameBytes / 2 + 1)
    #expect(throws: WorkbenchError.self) { _ = try ModelName.check(name) }
  }
}
