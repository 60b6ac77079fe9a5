import Testing
import WorkbenchAPI

@testable import workbench_gateway

@Suite("Bodies of Anthropic's calls") struct MessagesRequestTests {
  private func read(_ messages: String, _ more: String = "") throws(APIError) -> ProtoChatRequest {
    try MessagesRequest(Array(#"{"model": "m", "max_tokens": 5, "messages": \#(messages)\#(more)}"#.utf8))
      .request
  }

  @Test("The system prompt is the first message, and blocks of text are parts")
  func texts() throws {
    let request = try read(
      #"[{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}]"#,
      #", "system": [{"type": "text", "text": "s", "cache_control": {"type": "ephemeral"}}]"#)
    #expect(request.messages.map(\.role) == ["system", "user"] && request.messages[0].content == "s")
    #expect(request.messages[1].contentParts == ["a", "b"])
    #expect(request.options.maxTokens == 5)
  }

  @Test("Tools, their calls and their results have the form that templates expect")
  func tools() throws {
    let request = try read(
      #"""
      [{"role": "user", "content": "Weather?"},
       {"role": "assistant", "content": [{"type": "text", "text": "I look."},
         {"type": "tool_use", "id": "t1", "name": "weather", "input": {"city": "Bern", "n": 1.50}}]},
       {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "t1", "content": "Rain"},
         {"type": "text", "text": "And tomorrow?"}]}]
      """#,
      #", "tools": [{"name": "weather", "description": "d", "input_schema": {"type": "object"}}]"#)
    #expect(request.messages.map(\.role) == ["user", "assistant", "tool", "user"])
    let call = request.messages[1].toolCallsJson
    #expect(call.contains(#""name":"weather""#) && call.contains("1.50"), "\(call)")
    #expect(request.messages[2].toolCallID == "t1" && request.messages[2].content == "Rain")
    #expect(
      request.toolsJson
        == #"[{"type":"function","function":{"name":"weather","description":"d","parameters":{"type": "object"}}}]"#
    )
  }

  @Test(
    "What is not supported is an error",
    arguments: [
      (#"[{"role": "user", "content": [{"type": "image", "source": {}}]}]"#, ""),
      (#"[{"role": "system", "content": "x"}]"#, ""), ("[]", ""), ("5", ""),
      (#"[{"role": "user", "content": "x", "name": "y"}]"#, ""),
      (#"[{"role": "user", "content": "x"}]"#, #", "tool_choice": {"type": "any"}"#),
      (#"[{"role": "user", "content": "x"}]"#, #", "thinking": {"type": "enabled", "budget_tokens": 5}"#),
      (#"[{"role": "user", "content": "x"}]"#, #", "tools": [{"name": "f"}]"#),
      (
        #"[{"role": "user", "content": "x"}]"#,
        #", "tools": [{"name": "f", "input_schema": {}, "strict": true}]"#
      ),
      (
        #"[{"role": "user", "content": "x"}]"#,
        #", "tools": [{"type": "bash", "name": "f", "input_schema": {}}]"#
      ),
      (#"[{"role": "user", "content": "x"}]"#, #", "container": "c""#),
    ])
  func refused(messages: String, more: String) {
    #expect(throws: APIError.self) { try read(messages, more) }
  }
}
