import BuiltIns
import Chat
import Testing

@Suite("Shipped templates")
struct BuiltInTemplateTests {
  private func render(_ name: String, _ messages: [(String, String)], prompt: Bool = true) throws -> String {
    let builtIn = try #require(BuiltInTemplates.all.first { $0.name == name })
    let template = try ChatTemplate.compile(name: builtIn.name, source: builtIn.source)
    return try template.render(
      Conversation(
        messages: messages.map { Message(role: $0.0, content: $0.1) }, addGenerationPrompt: prompt,
        bosToken: "<s>", eosToken: "</s>")
    ).text
  }

  private let turns = [("system", "S"), ("user", "U"), ("assistant", "A"), ("user", "V")]

  @Test("a source says of itself what its value says", arguments: BuiltInTemplates.all)
  func frontMatter(builtIn: BuiltInTemplate) throws {
    let template = try ChatTemplate.compile(name: builtIn.name, source: builtIn.source)
    #expect(template.summary == builtIn.summary)
    #expect(template.stopStrings == builtIn.stopStrings)
    #expect(builtIn.source.hasPrefix("---\n"))
    #expect(builtIn.source.split(separator: "\n").contains("content: text"))
  }

  @Test("all names are there and each but raw has a stop string")
  func names() {
    #expect(
      BuiltInTemplates.all.map(\.name) == [
        "alpaca", "chatml", "gemma", "llama-2", "llama-3", "mistral-instruct", "phi-3", "raw", "synthia",
        "vicuna",
        "zephyr",
      ])
    for template in BuiltInTemplates.all {
      #expect(template.stopStrings.isEmpty == (template.name == "raw"), "\(template.name)")
      #expect(!template.summary.isEmpty)
    }
  }

  @Test("synthia writes what the code of the model card writes")
  func synthia() throws {
    // llm_prompt = f"{conversation} \nUSER: {user_input} \nASSISTANT: "; conversation = f"{llm_prompt}{answer}"
    var conversation = "SYSTEM: S"
    var expected = "\(conversation) \nUSER: U \nASSISTANT: "
    #expect(try render("synthia", [("system", "S"), ("user", "U")]) == expected)
    conversation = expected + "A"
    expected = "\(conversation) \nUSER: V \nASSISTANT: "
    #expect(try render("synthia", turns) == expected)
    #expect(
      try render("synthia", [("user", "U")]).hasPrefix(
        "SYSTEM: Elaborate on the topic using a Tree of Thoughts"))
    #expect(
      try render("synthia", [("user", "U")]).hasSuffix(
        "Always answer without hesitation. \nUSER: U \nASSISTANT: "))
  }

  @Test(
    "a conversation in each format",
    arguments: [
      (
        "chatml",
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\nA<|im_end|>\n<|im_start|>user\nV<|im_end|>\n<|im_start|>assistant\n"
      ),
      ("alpaca", "S\n\n### Instruction:\nU\n\n### Response:A</s>\n\n### Instruction:\nV\n\n### Response:"),
      (
        "gemma",
        "<s><start_of_turn>user\nS\n\nU<end_of_turn>\n<start_of_turn>model\nA<end_of_turn>\n<start_of_turn>user\nV<end_of_turn>\n<start_of_turn>model\n"
      ),
      ("llama-2", "<s>[INST] <<SYS>>\nS\n<</SYS>>\n\nU [/INST] A </s><s>[INST] V [/INST]"),
      (
        "llama-3",
        "<s><|start_header_id|>system<|end_header_id|>\n\nS<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nU<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nA<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nV<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n"
      ),
      ("mistral-instruct", "<s> [INST] S\n\nU [/INST] A</s> [INST] V [/INST]"),
      (
        "phi-3",
        "<|system|>\nS<|end|>\n<|user|>\nU<|end|>\n<|assistant|>\nA<|end|>\n<|user|>\nV<|end|>\n<|assistant|>\n"
      ),
      ("raw", "SUAV"),
      ("vicuna", "S USER: U ASSISTANT: A</s>USER: V ASSISTANT:"),
      (
        "zephyr", "<|system|>\nS</s>\n<|user|>\nU</s>\n<|assistant|>\nA</s>\n<|user|>\nV</s>\n<|assistant|>\n"
      ),
    ])
  func formats(name: String, expected: String) throws {
    #expect(try render(name, turns) == expected)
  }

  @Test("formats that need alternating roles refuse others")
  func refusals() {
    for name in ["llama-2", "mistral-instruct", "gemma"] {
      #expect(throws: ChatError.self, "\(name)") { try render(name, [("user", "a"), ("user", "b")]) }
    }
    for name in ["synthia", "alpaca", "vicuna", "zephyr", "phi-3"] {
      #expect(throws: ChatError.self, "\(name)") { try render(name, [("user", "a"), ("tool", "b")]) }
    }
  }
}
