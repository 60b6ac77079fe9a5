import Foundation
import Testing

@testable import workbench

@Suite("Profiles on the command line") struct ProfileCommandTests {
  private static let cards =
    URL(fileURLWithPath: #filePath + "/../../TestSupport/Cards").standardized.path

  private func value(_ key: String, in yaml: String) -> (comment: String, value: String)? {
    let lines = yaml.split(separator: "\n").map(String.init)
    guard let index = lines.firstIndex(where: { $0.drop { $0 == " " }.hasPrefix(key + ": ") }), index > 0
    else { return nil }
    return (
      String(lines[index - 1].drop { $0 == " " }),
      String(lines[index].drop { $0 == " " }.dropFirst(key.count + 2))
    )
  }

  @Test("The card of SynthIA gives every value of the shipped profile, with the line that it came from")
  func synthia() async throws {
    let scratch = Scratch()
    let outcome = await run(["profile", "import", Self.cards + "/SynthIA-7B-v1.3.md"], in: scratch)
    #expect(outcome.status == .success && outcome.error.isEmpty)
    let lines = try String(contentsOfFile: Self.cards + "/SynthIA-7B-v1.3.md", encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    for (key, wanted, part) in [
      ("source", #""https://huggingface.co/migtissera/SynthIA-7B-v1.3""#, "model_path ="),
      ("models", #"["synthia-7b-v1.3"]"#, "model_path ="), ("add_bos", "true", "tokenizer.encode("),
      ("system", #""Elaborate on the topic using a Tree of Thoughts"#, "conversation = f"),
      ("stop", #"["USER:"]"#, ".split("), ("strip", "true", ".strip()"),
      ("max_tokens", "1024", "generate_len"),
      ("order", #""transformers""#, "do_sample=True"), ("temperature", "0.75", #""temperature": 0.75"#),
      ("top_k", "50", #""top_k": 50"#), ("top_p", "1.0", #""top_p": 1.0"#), ("jinja", "|-", "llm_prompt ="),
    ] {
      let found = try #require(value(key, in: outcome.output), "\(key)")
      #expect(found.value.hasPrefix(wanted), "\(key): \(found.value)")
      // "# SynthIA-7B-v1.3.md:71: the line"
      let place = found.comment.split(separator: ":", maxSplits: 2)
      #expect(place[0] == "# SynthIA-7B-v1.3.md" && found.comment.contains(part), "\(found.comment)")
      let number = try #require(Int(place[1]))
      #expect(lines[number - 1].contains(part))
    }
    #expect(outcome.output.contains(#"' \nUSER: ' + message.content"#))
    #expect(outcome.output.contains(#"' \nASSISTANT: ' + message.content | trim"#))
    #expect(outcome.output.contains("'SYSTEM: ' + messages[0].content"))
  }

  @Test("The card of Synatra names ChatML, or the checkpoint's own template where there is one")
  func synatra() async throws {
    let scratch = Scratch()
    let card = Self.cards + "/Synatra-7B-v0.3-RP.md"
    var outcome = await run(["profile", "import", card], in: scratch)
    #expect(outcome.status == .success)
    #expect(value("template", in: outcome.output)?.value == #""chatml""#)
    #expect(value("template", in: outcome.output)?.comment.contains("It follows [ChatML]") == true)
    #expect(value("add_generation_prompt", in: outcome.output)?.value == "false")
    #expect(value("add_bos", in: outcome.output)?.value == "false")
    #expect(value("answer_head", in: outcome.output)?.value == #""<|im_start|>assistant\n""#)
    #expect(value("max_tokens", in: outcome.output)?.value == "1000")
    #expect(value("temperature", in: outcome.output) == nil)

    _ = scratch.file(
      "generation_config.json", "{\n \"temperature\": 0.7,\n \"max_new_tokens\": 5,\n \"top_k\": null\n}")
    _ = scratch.file("tokenizer_config.json", "{\n \"chat_template\": \"{{ '<|im_start|>' }}\\n!\"\n}")
    outcome = await run(["profile", "import", card, scratch.path], in: scratch)
    #expect(outcome.status == .success)
    // The code's argument overrides the checkpoint's default.
    #expect(value("max_tokens", in: outcome.output)?.value == "1000")
    #expect(
      try #require(value("temperature", in: outcome.output)) == (
        "# generation_config.json:2: \"temperature\": 0.7,", "0.7"
      ))
    #expect(value("top_k", in: outcome.output) == nil && value("template", in: outcome.output) == nil)
    #expect(outcome.output.contains("jinja: |-\n  {{ '<|im_start|>' }}\n  !\n"))

    outcome = await run(["profile", "import", card, "--json"], in: scratch)
    #expect(
      outcome.output.contains(#"{"key":"max_tokens","value":1000.0,"file":"Synatra-7B-v0.3-RP.md","line":"#))
  }

  @Test("A card of text alone gives its prompt format; arguments that are switched off are not proposed")
  func others() async throws {
    let scratch = Scratch()
    var outcome = await run(
      [
        "profile", "import",
        scratch.file("a.md", "Prompt template:\n\n```\n### Instruction:\n{prompt}\n\n### Response:\n```\n"),
      ], in: scratch)
    #expect(outcome.status == .success && outcome.output.contains(#"'### Instruction:\n' + message.content"#))
    #expect(outcome.output.contains(#"'\n\n### Response:'"#))
    outcome = await run(
      [
        "profile", "import",
        scratch.file(
          "b.md",
          "Use this prompt format:\n~~~\nSYSTEM: Be brief.\nReally.\nHUMAN: Hi\nBOT:\n~~~\n```python\nmodel.generate(x, do_sample=False, temperature=0.3)\n# top_k=3\n```\n"
        ),
      ], in: scratch)
    #expect(
      value("system", in: outcome.output)?.value == "|-"
        && outcome.output.contains("  Be brief.\n  Really.\n"))
    #expect(outcome.output.contains(#"'\nHUMAN: '"#) && outcome.output.contains(#"'\nBOT:'"#))
    #expect(
      value("temperature", in: outcome.output)?.value == "0" && value("top_k", in: outcome.output) == nil)
  }

  @Test("What is wrong is said, and nothing is overwritten")
  func wrong() async throws {
    let scratch = Scratch()
    let card = Self.cards + "/SynthIA-7B-v1.3.md"
    let target = scratch.file("mine.profile.yaml")
    var outcome = await run(["profile", "import", card, "--output", target], in: scratch)
    #expect(outcome.status == .success && outcome.output.isEmpty)
    let written = Scratch.contents(target)
    #expect(written.contains("max_tokens: 1024"))
    outcome = await run(["profile", "import", card, "--output", target], in: scratch)
    #expect(
      outcome.status == .usage && outcome.error.contains("exists") && Scratch.contents(target) == written)
    outcome = await run(["profile", "import", scratch.file("none.md")], in: scratch)
    #expect(outcome.status == .notFound)
    outcome = await run(["profile", "import", card, scratch.path + "/none"], in: scratch)
    #expect(outcome.status == .notFound && outcome.error.contains("is not a folder"))
    outcome = await run(
      ["profile", "import", scratch.file("x.md", "# A model\n\nIt is good.\n")], in: scratch)
    #expect(outcome.status == .refused && outcome.error.contains("says nothing that a profile could hold"))
    _ = scratch.file("generation_config.json", "{ broken")
    outcome = await run(["profile", "import", card, scratch.path], in: scratch)
    #expect(outcome.status == .usage && outcome.error.contains("generation_config.json"))
    #expect(access(scratch.path + "/mine.profile.yaml.part", F_OK) != 0)
  }

  @Test("A card that is cut, repeated or full of marks gives a profile or an error, never a crash")
  func hostile() throws {
    let text = try String(contentsOfFile: Self.cards + "/SynthIA-7B-v1.3.md", encoding: .utf8)
    let scalars = Array(text.unicodeScalars)
    let marks = Array("`~{}\"'\\#:=\n\u{2028}\u{0}f(".unicodeScalars)
    var random = SystemRandomNumberGenerator()
    for round in 0..<400 {
      var changed = scalars
      for _ in 0..<(round % 20 + 1) {
        let place = Int.random(in: 0..<changed.count, using: &random)
        if round % 3 == 0 { changed.removeLast(min(place, changed.count - 1)) }
        changed[place % changed.count] = marks[Int.random(in: 0..<marks.count, using: &random)]
      }
      var view = String.UnicodeScalarView()
      view.append(contentsOf: changed)
      let reader = CardReader(CardFile(markdown: String(view), name: "x.md"))
      do {
        #expect(!(try ProposedProfile(card: reader, files: nil, name: "x.md").yaml.isEmpty))
      } catch {
        #expect(error.status == .refused)
      }
    }
  }

  @Test("Profiles are listed, printed as files and set") func commands() async throws {
    try await FakeDaemon.run { address, _, scratch in
      var outcome = await run(["profile", "list", "--address", address], in: scratch)
      #expect(outcome.output.contains("big-card") && outcome.output.contains("order=transformers top_k=50"))
      outcome = await run(["profile", "show", "big-card", "--address", address], in: scratch)
      #expect(outcome.output == "template: chatml\n")
      outcome = await run(["profile", "show", "x", "--address", address], in: scratch)
      #expect(outcome.status == .notFound)
      outcome = await run(["profile", "set", "smollm", "big-card", "--address", address], in: scratch)
      #expect(
        outcome.output == "smollm now uses profile big-card\n" && outcome.error == "(until the daemon ends)\n"
      )
      outcome = await run(["profile", "set", "smollm", "none", "--address", address], in: scratch)
      #expect(outcome.output == "smollm now uses no profile\n")
      outcome = await run(["profile", "set", "smollm", "--own", "--address", address], in: scratch)
      #expect(outcome.output == "smollm now uses profile big-card\n")
      for words in [["smollm"], ["smollm", "x", "--own"], ["smollm", ""]] {
        #expect(await run(["profile", "set"] + words, in: scratch).status == .usage)
      }
    }
  }
}
