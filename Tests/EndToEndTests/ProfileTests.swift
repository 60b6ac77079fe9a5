import Foundation
import RPC
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Profiles as a user meets them") struct ProfileEndToEndTests {
  private let client = Products.url("workbench")

  /// A model with Mistral's vocabulary that no card is known for, in a folder of its own.
  private func withModel(_ folder: TemporaryFolder, _ arguments: [String]) async throws -> TestDaemon {
    let daemon = try await TestDaemon(arguments)
    try TinyModel.write(to: folder.file("m.gguf")) {
      $0.vocabulary = 32_000
      $0.context = 2048
    }
    try CardRecording.writeVocabulary(to: folder.file("mistral.gguf"))
    try await daemon.load(folder.file("m.gguf"), name: "m") { $0.tokenizer = folder.file("mistral.gguf") }
    return daemon
  }

  @Test(
    "A card is imported, and its profile gives the prompts and ids of the card's code: in chat, in a conversation and rendered",
    arguments: [
      ("SynthIA-7B-v1.3.md", "synthia-7b-v1.3"), ("Synatra-7B-v0.3-RP.md", "synatra-7b-v0.3-rp"),
    ])
  func imported(card: String, name: String) async throws {
    let folder = try TemporaryFolder()
    let plugins = folder.file("plugins")
    try FileManager.default.createDirectory(atPath: plugins, withIntermediateDirectories: false)
    let imported = try await run(
      client,
      ["profile", "import", CardRecording.folder + "/" + card, "--output", plugins + "/mine.profile.yaml"])
    #expect(imported.status == 0, "\(imported.error)")
    let daemon = try await withModel(folder, ["--plugin-dir", plugins])
    let address = ["--address", "unix:\(daemon.socket)"]
    let set = try await run(client, ["profile", "set", "m", "mine"] + address)
    #expect(set.output == "m now uses profile mine\n", "\(set.error)")

    let conversations = try #require(try CardRecording.load().cards[name])
    for conversation in conversations {
      // The form of --messages, and what the API's Render is given.
      var messages: [[String: String]] = []
      for (index, turn) in conversation.enumerated() {
        messages.append(["role": "user", "content": turn.user])
        let file = folder.file("messages.json")
        try JSONSerialization.data(withJSONObject: messages).write(to: URL(fileURLWithPath: file))
        // The shipped profile, named for the request, says the same.
        for profile in index == 3 ? [[], ["--profile", name]] : [[]] {
          let text = try await run(
            client, ["template", "render", "--model", "m", "--messages", file] + profile + address)
          #expect(text.output == turn.prompt)
          let ids = try await run(
            client, ["template", "render", "--model", "m", "--messages", file, "--ids"] + profile + address)
          #expect(ids.output.split { !$0.isNumber }.compactMap { UInt32($0) } == turn.ids)
        }
        let chat = try await run(
          client, ["chat", "--model", "m", "--messages", file, "--max-tokens", "1", "--json"] + address)
        #expect(chat.output.contains("\"promptTokens\":\(turn.ids.count),"), "\(chat.output) \(chat.error)")
        #expect(chat.output.contains(#""profile":"mine""#))
        messages.append(["role": "assistant", "content": turn.answer])
      }
    }
  }

  @Test(
    "A conversation sends each turn with the card's system message, stop and limit, and says which profile it has"
  )
  func verbose() async throws {
    let folder = try TemporaryFolder()
    let daemon = try await withModel(folder, [])
    let address = ["--address", "unix:\(daemon.socket)"]
    let none = try await run(client, ["chat", "Hello"] + address)
    #expect(
      none.status != 0 && none.error.contains("--profile NAME") && none.error.contains("synthia-7b-v1.3"))
    let answer = try await run(
      client,
      ["chat", "--profile", "synthia-7b-v1.3", "--max-tokens", "4", "--seed", "1", "--verbose", "Hello"]
        + address)
    #expect(answer.status == 0)
    for line in [
      "profile   synthia-7b-v1.3", "temperature = 0.75 (profile synthia-7b-v1.3)",
      "stop = USER: (profile synthia-7b-v1.3)", "strip = true (profile synthia-7b-v1.3)",
      "order of = transformers (profile synthia-7b-v1.3)",
    ] { #expect(answer.error.contains(line), "\(line) in \(answer.error)") }
    #expect(!answer.error.contains("max_tokens = "))
    _ = try await run(client, ["profile", "set", "m", "synatra-7b-v0.3-rp"] + address)
    let shown = try await run(client, ["show", "m"] + address)
    #expect(shown.output.contains("synatra-7b-v0.3-rp"))
    let compared = try await run(
      client,
      [
        "compare", "--template", "chatml", "--template", "alpaca", "--max-tokens", "4", "--seed", "1",
        "--json",
        "바나나는 원래 하얀색이야?",
      ] + address)
    #expect(compared.status == 0, "\(compared.error)")
    #expect(
      compared.output.contains(#""template":"chatml""#) && compared.output.contains(#""template":"alpaca""#))
    let same = try await run(
      client,
      [
        "compare", "--preset", "synthia", "--preset", "default", "--temperature", "0", "--max-tokens", "4",
        "Hi",
      ] + address)
    #expect(
      same.output.contains("preset synthia and preset default: the same answer\n"),
      "\(same.output)\(same.error)")
  }

  @Test(
    "From a folder of the hub and its card to a conversation, a comparison and a score, as the README has it")
  func fromTheHub() async throws {
    let folder = try TemporaryFolder()
    let (model, plugins) = (folder.file("SynthIA-7B-v1.3"), folder.file("plugins"))
    for path in [model, plugins] {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }
    var checkpoint = TinyCheckpoint()
    checkpoint.config["max_position_embeddings"] = "4096"
    checkpoint.others["tokenizer_config.json"] =
      #"{"bos_token":"<s>","eos_token":"</s>","unk_token":"<unk>","add_bos_token":true}"#
    try checkpoint.write(to: model)
    let daemon = try await TestDaemon(["--plugin-dir", plugins])
    func workbench(_ words: [String]) async throws -> String {
      let result = try await run(client, words + ["--address", "unix:\(daemon.socket)"])
      #expect(result.status == 0, "\(words): \(result.error)")
      return result.output
    }

    let card = CardRecording.folder + "/SynthIA-7B-v1.3.md"
    _ = try await workbench(["profile", "import", card, model, "--output", plugins + "/mine.profile.yaml"])
    let loaded = try await workbench(["load", model, "--name", "synthia"])
    #expect(loaded.hasPrefix("loaded synthia: F32"))
    #expect(
      try await eventually(within: .seconds(120)) {
        let response = try await daemon.channel.unary(ProfilesMethods.list, .init())
        return response.profiles.contains { $0.name == "mine" }
      })
    for (index, question) in ["Hi", "Why?", "And then?"].enumerated() {
      _ = try await workbench(
        ["chat", "synthia", "--conversation", "rockets", "--seed", "1", "--max-tokens", "8", question])
      let kept = try await daemon.channel.unary(
        ConversationsMethods.get, .with { $0.conversation = "rockets" })
      #expect(kept.messages.count == 2 * (index + 1))
      #expect(kept.messages.last?.answer.profile == "mine", "its file hides the shipped one")
    }
    let compared = try await workbench(
      ["compare", "synthia", "Hi", "--template", "synthia", "--template", "alpaca", "--max-tokens", "4"])
    #expect(compared.contains("LOGPROB UNDER template alpaca"))
    let scores = try await workbench(["score", "synthia", "The capital of France is", " Paris", " London"])
    #expect(scores.contains("\" Paris\"") && scores.contains("\" London\""))
  }
}
