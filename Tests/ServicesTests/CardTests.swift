import RPC
import RoleTestSupport
import SwiftProtobuf
import TestSupport
import Testing
import WorkbenchAPI

@Suite("Two model cards, whose code was run, and the profiles of their names") struct CardTests {
  /// A model with Mistral's vocabulary whose title is `title`.
  private func load(
    _ daemon: TestDaemon, title: String, context: Int = 2048,
    _ configure: (inout ProtoLoadModelRequest) -> Void = { _ in }
  ) async throws -> ProtoModel {
    let path = daemon.folder.file("card.gguf")
    try TinyModel.write(to: path) {
      $0.name = title
      $0.vocabulary = 32_000
      $0.context = context
    }
    let vocabulary = daemon.folder.file("mistral.gguf")
    try CardRecording.writeVocabulary(to: vocabulary)
    let request = ProtoLoadModelRequest.with {
      $0.path = path
      $0.name = "m"
      $0.tokenizer = vocabulary
      configure(&$0)
    }
    return try #require(try await daemon.all(ModelsMethods.load, request).last).model
  }

  private func message(_ role: String, _ content: String) -> ProtoMessage {
    .with {
      $0.role = role
      $0.content = content
    }
  }

  @Test("Prompt and token ids of every turn are those of the card's code", arguments: CardRecording.names)
  func prompts(name: String) async throws {
    let conversations = try #require(try CardRecording.load().cards[name])
    #expect(conversations.count == 5 && conversations.allSatisfy { $0.count == 4 })
    try await TestDaemon.run(.inProcess) { daemon in
      // By the card's title, which the profile's `models` has a part of.
      let model = try await load(daemon, title: name)
      #expect(model.profile == name && model.preset.isEmpty)
      for conversation in conversations {
        var messages: [ProtoMessage] = []
        for turn in conversation {
          messages.append(message("user", turn.user))
          let rendered = try await daemon.channel.unary(
            TemplatesMethods.render,
            .with {
              $0.model = "m"
              $0.messages = messages
            })
          #expect(Array(rendered.text.utf8) == Array(turn.prompt.utf8))
          #expect(rendered.tokenIds == turn.ids)
          let events = try await daemon.all(
            GenerationMethods.chat,
            .with {
              $0.model = "m"
              $0.messages = messages
              $0.options.maxTokens = 1
            })
          let start = try #require(events.first).start
          #expect(start.profile == name && Int(start.promptTokens) == turn.ids.count)
          messages.append(message("assistant", turn.answer))
        }
      }
    }
  }

  @Test(
    "Prompts of a kept conversation, and those that answers are scored after, are the card's too",
    arguments: CardRecording.names)
  func otherDoors(name: String) async throws {
    let conversations = try #require(try CardRecording.load().cards[name])
    try await TestDaemon.run(.inProcess) { daemon in
      _ = try await load(daemon, title: name)
      for conversation in conversations {
        let made = try await daemon.channel.unary(ConversationsMethods.create, .init()).conversation
        var messages: [ProtoMessage] = []
        for turn in conversation {
          let events = try await daemon.all(
            GenerationMethods.chat,
            .with {
              $0.model = "m"
              $0.conversation.conversation = made.name
              $0.conversation.keep = UInt32(messages.count)
              $0.messages = [message("user", turn.user)]
              $0.options.maxTokens = 1
              $0.options.promptLogprobs = 0
            })
          #expect(events.flatMap(\.prompt).map(\.id) == turn.ids)
          #expect(events.first?.start.profile == name)
          messages.append(message("user", turn.user))
          let scored = try await daemon.all(
            GenerationMethods.score,
            .with {
              $0.model = "m"
              $0.continuations.chat.messages = messages
              $0.continuations.continuations = [turn.answer, "A"].map { text in .with { $0.text = text } }
            })
          #expect(scored.first.map { Int($0.start.contextTokens) } == turn.ids.count)
          // SynthIA's prompt ends with a space, which would be joined to the answer if both were encoded together.
          #expect(scored.flatMap(\.scores).first { $0.index == 1 }?.tokens == 1)
          // What the card's model answered takes the place of the tiny model's answer.
          messages.append(message("assistant", turn.answer))
          _ = try await daemon.channel.unary(
            ConversationsMethods.append,
            .with {
              $0.conversation = made.name
              $0.keep = UInt32(messages.count - 1)
              $0.messages = [messages[messages.count - 1]]
            })
        }
      }
    }
  }

  @Test("The settings of an answer are the card's, and say so", arguments: CardRecording.names)
  func settings(name: String) async throws {
    let turn = try #require(try CardRecording.load().cards[name]?[0][0])
    try await TestDaemon.run(.inProcess) { daemon in
      // The context is full long before the card's limit.
      _ = try await load(daemon, title: "other", context: 128) { $0.profile = name }
      let request = ProtoChatRequest.with {
        $0.model = "m"
        $0.messages = [message("user", turn.user)]
        $0.options.sampling.seed = 1
      }
      let finish = try #require(try await daemon.all(GenerationMethods.chat, request).last).finish
      var found: [String: String] = [:]
      for setting in finish.settings where setting.source == .profile {
        #expect(setting.sourceName == name)
        found[setting.name] = setting.value
      }
      #expect(found["max_tokens"] == "\(turn.limit)")
      #expect(found["profile"] == "transformers")
      #expect(found["top_k"] == "50" && found["top_p"] == "1.0")
      if name == "synthia-7b-v1.3" {
        #expect(found["temperature"] == "0.75" && found["stop"] == "USER:" && found["strip"] == "true")
        #expect(found["system"]?.hasPrefix("Elaborate on the topic using a Tree of Thoughts") == true)
      } else {
        #expect(found["temperature"] == "1.0" && found["stop"] == nil && found["strip"] == nil)
        #expect(found["system"] == nil && found["answer_head"] == "<|im_start|>assistant\n")
      }

      // What a request says overrides the profile.
      var other = request
      other.options.maxTokens = 2
      other.options.sampling.temperature = 0
      other.messages.insert(message("system", "Be brief."), at: 0)
      other.addGenerationPrompt = true
      let settings = try #require(try await daemon.all(GenerationMethods.chat, other).last).finish.settings
      let sources = Dictionary(settings.map { ($0.name, $0.source) }) { $1 }
      #expect(sources["temperature"] == .request && sources["top_k"] == .profile)
      #expect(sources["max_tokens"] == nil && sources["system"] == nil)
      #expect(sources["add_generation_prompt"] == nil && sources["answer_head"] == nil)

      // "none" is as without a profile: this file has no template.
      other.options.profile = "none"
      let status = await daemon.streamStatus(GenerationMethods.chat, other)
      #expect(status?.code == .failedPrecondition)
      for choice in ["--template NAME", "chatml", "--profile NAME", "synthia-7b-v1.3"] {
        #expect(status?.message.contains(choice) == true, "\(choice)")
      }
    }
  }

  @Test("A request, a change and a load name a profile; an unknown one is refused with the names")
  func choosing() async throws {
    try await TestDaemon.run(.inProcess) { daemon in
      #expect(try await load(daemon, title: "other").profile.isEmpty)
      let list = try await daemon.channel.unary(ProfilesMethods.list, .init()).profiles
      #expect(Set(list.map(\.name)) == Set(CardRecording.names))
      let got = try await daemon.channel.unary(ProfilesMethods.get, .with { $0.name = "synthia-7b-v1.3" })
      #expect(got.yaml.contains("max_tokens: 1024") && got.profile.maxTokens == 1024)
      #expect(
        got.profile.samplers["temperature"] == "0.75" && got.profile.samplers["order"] == "transformers")

      func render(_ profile: String?, template: String? = nil) async throws -> String {
        var request = ProtoRenderTemplateRequest()
        request.model = "m"
        request.messages = [message("user", "U")]
        if let profile { request.profile = profile }
        if let template { request.name = template }
        return try await daemon.channel.unary(TemplatesMethods.render, request).text
      }
      func update(_ profile: String) async throws -> ProtoModel {
        var request = ProtoUpdateModelRequest()
        request.name = "m"
        request.profile = profile
        return try await daemon.channel.unary(ModelsMethods.update, request).model
      }
      #expect(try await render("synatra-7b-v0.3-rp") == "<|im_start|>user\nU<|im_end|>\n")
      // Another template has its own form, but the card's system message.
      #expect(try await render("synatra-7b-v0.3-rp", template: "raw") == "U")
      #expect(try await render("synthia-7b-v1.3", template: "raw").hasPrefix("Elaborate on"))
      #expect(
        try await render("synatra-7b-v0.3-rp", template: "chatml")
          == "<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n")
      #expect(try await update("synthia-7b-v1.3").profile == "synthia-7b-v1.3")
      #expect(try await update("synthia-7b-v1.3").template == "synthia")
      #expect(try await render(nil).hasSuffix(" \nUSER: U \nASSISTANT: "))
      #expect(try await update("").profile.isEmpty)

      do {
        _ = try await update("synthia")
        Issue.record("an unknown profile was set")
      } catch let error as RPCError {
        #expect(
          error.code == .notFound && error.message.contains("synatra-7b-v0.3-rp, synthia-7b-v1.3, none"))
      }
    }
  }
}
