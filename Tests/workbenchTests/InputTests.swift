import ArgumentParser
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
    let messages = try ConversationFile(text).messages
    #expect(messages.count == 2)
    #expect(messages[0].toolCallsJson == #"[{"z": 1.50, "a": "\u00e9"}]"#)
    #expect(!messages[0].hasContent && messages[0].reasoningContent == "r")
    #expect(messages[0].extrasJson == #"{"content":null}"#, "null is not the same as absent")
    #expect(messages[1].contentJson == #"[{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]"#)
    #expect(messages[1].toolCallID == "7" && messages[1].name == "n")
  }

  @Test(
    "What is no list of messages is told with its place",
    arguments: [
      (#"{"messages":{}}"#, "messages"), ("1", "input"), ("[1]", "messages[0]"),
      (#"[{"content":"x"}]"#, "messages[0].role"),
      (#"[{"role":"user","name":1}]"#, "messages[0].name"),
      (#"[{"role":"user","content":1}]"#, "list of parts is expected, not a number"),
      ("[", "line 1, column 2"),
    ])
  func badMessages(_ text: String, _ place: String) {
    let error = #expect(throws: ClientError.self) { try ConversationFile(text) }
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
    let file = try ConversationFile(
      #"{"b":1,"messages":[],"tools":[{"x":1}],"a":"é","add_generation_prompt":false,"bos_token":"<s>"}"#)
    #expect(file.variables.json == #"{"b":1,"a":"é"}"#)
    #expect(file.toolsJSON == #"[{"x":1}]"#)
    #expect(file.addGenerationPrompt == false && file.bosToken == "<s>")
    for bad in [
      "1", #"{"tools":{}}"#, #"{"add_generation_prompt":1}"#, #"{"bos_token":1}"#, #"{"messages":{}}"#,
    ] {
      #expect(throws: ClientError.self) { try ConversationFile(bad) }
    }
  }

  @Test("Keys that a message may have beyond the usual ones are passed on as they were written")
  func extras() throws {
    let text = #"[{"role":"user","content":"x","thinking":"t","depth":12345678901234567890.50,"a\"b":[1]}]"#
    let message = try #require(try ConversationFile(text).messages.first)
    #expect(message.content == "x")
    #expect(message.extrasJson == #"{"thinking":"t","depth":12345678901234567890.50,"a\"b":[1]}"#)
  }

  @Test("chat and template render read one conversation file and the same options about it")
  func sameFile() async throws {
    let scratch = Scratch()
    let mark = "\u{FEFF}"
    let path = scratch.file(
      "conversation.json",
      mark + #"{"messages":[{"role":"user","content":"U"}],"tools":[{"x":1}],"day":"Monday"}"#)
    for option in ["--messages", "--input"] {
      let options = [
        option, path, "--var", "day=\"Friday\"", "--var", "n=12345678901234567890", "--no-generation-prompt",
        "--ignore-unused",
      ]
      let chat = try await Chat.asyncParse(["hi"] + options).conversation(model: "m").request
      let render = try await #require(
        TemplateCommand.Render.asyncParseAsRoot(["--model", "m"] + options) as? TemplateCommand.Render
      ).request()
      #expect(chat.messages == render.messages && chat.messages.map(\.content) == ["U"])
      #expect(chat.toolsJson == #"[{"x":1}]"# && chat.toolsJson == render.toolsJson)
      #expect(chat.variablesJson == #"{"day":"Friday","n":12345678901234567890}"#)
      #expect(chat.variablesJson == render.variablesJson)
      #expect(chat.hasAddGenerationPrompt && !chat.addGenerationPrompt && render.hasAddGenerationPrompt)
      #expect(chat.ignoreUnused && render.ignoreUnused)
    }
    for bad in ["day", "=1", "day=Friday", "day="] {
      await #expect(throws: (any Error).self, "\(bad)") {
        try await Chat.asyncParseAsRoot(["hi", "--var", bad])
      }
    }
  }
}
