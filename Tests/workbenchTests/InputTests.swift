import JSON
import SwiftProtobuf
import Testing
import WorkbenchAPI

@testable import workbench

@Suite struct InputTests {
  @Test("Messages keep what templates need, tool calls in their own spelling")
  func messages() throws {
    let text = #"""
      {"messages": [
        {"role": "assistant", "content": null, "tool_calls": [{"z": 1.50, "a": "\u00e9"}],
         "reasoning_content": "r"},
        {"role": "tool", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
         "tool_call_id": "7", "name": "n"}
      ]}
      """#
    let messages = try MessageInput.parse(text)
    #expect(messages.count == 2)
    #expect(messages[0].toolCallsJson == #"[{"z": 1.50, "a": "\u00e9"}]"#)
    #expect(messages[0].content == "" && messages[0].reasoningContent == "r")
    #expect(messages[1].content == "ab" && messages[1].toolCallID == "7" && messages[1].name == "n")
  }

  @Test(
    "What is no list of messages is told with its place",
    arguments: [
      ("{}", "messages"), ("[1]", "messages[0]"), (#"[{"content":"x"}]"#, "messages[0].role"),
      (#"[{"role":"user","contents":"x"}]"#, "messages[0].contents"),
      (#"[{"role":"user","content":[{"type":"image"}]}]"#, "messages[0].content[0]"),
      (#"[{"role":"user","content":1}]"#, "a string is expected, not a number"), ("[", "line 1, column 2"),
    ])
  func badMessages(_ text: String, _ place: String) {
    let error = #expect(throws: ClientError.self) { try MessageInput.parse(text) }
    #expect(error?.message.contains(place) == true)
    #expect(error?.status == .usage)
  }

  @Test("JSON is read as RFC 8259 says")
  func json() throws {
    let value = try JSONValue.parse(" {\"a\\n\\ud83d\\ude00\" : [ true, null, -0.5e+3, \"\\/\\u0041\" ] } ")
    let elements = try #require(value["a\n😀"]?.elements)
    #expect(elements.map(\.sourceText) == ["true", "null", "-0.5e+3", "\"\\/\\u0041\""])
    #expect(Array(elements)[3].string == "/A")
  }

  @Test(
    "What is no JSON is refused",
    arguments: [
      "", "[1,]", "{\"a\":1,}", "01", "1.", "-", "+1", "nul", "\"\\x\"", "\"\u{1}\"", "\"\\ud800\"",
      "\"\\udc00\"", "\"a",
      "[1] 2", "{a:1}", "{\"a\":1,\"a\":2}", "'a'", "[1 2]", "NaN", "\"\\u12\"", "{\"a\"}",
      String(repeating: "[", count: 100_000),
    ])
  func badJSON(_ text: String) {
    #expect(throws: ClientError.self) { try JSONValue.parse(text) }
  }

  @Test("Further keys of an input become variables in their order")
  func renderInput() throws {
    var request = ProtoRenderTemplateRequest()
    try RenderInput.apply(
      #"{"b":1,"messages":[],"tools":[{"x":1}],"a":"é","add_generation_prompt":false,"bos_token":"<s>"}"#,
      to: &request)
    #expect(request.variablesJson == #"{"b":1,"a":"é"}"#)
    #expect(request.toolsJson == #"[{"x":1}]"#)
    #expect(request.hasAddGenerationPrompt && !request.addGenerationPrompt && request.bosToken == "<s>")
    for bad in [
      "1", #"{"tools":{}}"#, #"{"add_generation_prompt":1}"#, #"{"bos_token":1}"#, #"{"messages":{}}"#,
    ] {
      #expect(throws: ClientError.self) { try RenderInput.apply(bad, to: &request) }
    }
  }
}
