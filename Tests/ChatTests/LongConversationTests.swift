import Jinja
import Testing

/// Templates of real models with conversations far longer than any context.
@Suite("Long conversations", .timeLimit(.minutes(60)))
struct LongConversationTests {
  private static let names =
    (try? Fixture.lines("recent/expected.jsonl"))?.compactMap { $0["template"]?.string }.map {
      "recent/templates/" + $0
    } ?? []

  private static let others = [
    "CohereForAI-c4ai-command-r-plus-tool_use", "NousResearch-Hermes-2-Pro-Llama-3-8B-tool_use",
    "Qwen-Qwen2.5-7B-Instruct", "Qwen-Qwen3-0.6B", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B",
    "google-gemma-2-2b-it",
    "ibm-granite-granite-3.3-2B-Instruct", "llama-cpp-rwkv-world", "meta-llama-Llama-3.1-8B-Instruct",
    "microsoft-Phi-3.5-mini-instruct", "mistralai-Mistral-Nemo-Instruct-2407", "upstage-Solar-Open-100B",
  ].map { "templates/" + $0 + ".jinja" }

  @Test("a conversation of 5,000 messages renders under every template", arguments: names + others)
  func renders(path: String) throws {
    var limits = Limits.default
    // Builds for debugging are ten times slower, and other tests run beside this one.
    (limits.millisecondsPerItem, limits.longestMilliseconds) = (100, 600_000)
    let template = try Template(Fixture.text(path), limits: limits)
    // Some templates want tools, or refuse everything; transformers says so too.
    guard (try? template.render(Self.context(turns: 1), now: 0)) != nil else { return }
    let text = try template.render(Self.context(turns: 2_500), now: 0).text
    #expect(text.contains("After 2499 comes 2500.") && text.contains("Question 0:"))
  }

  private static func context(turns: Int) -> [String: Value] {
    let messages = (0..<turns).flatMap { turn -> [Value] in
      [
        ["role": "user", "content": .string("Question \(turn): what comes after \(turn)?")],
        ["role": "assistant", "content": .string("After \(turn) comes \(turn + 1).")],
      ]
    }
    return [
      "messages": .list(messages), "tools": nil, "documents": nil, "add_generation_prompt": true,
      "bos_token": "<s>", "eos_token": "</s>",
    ]
  }
}
