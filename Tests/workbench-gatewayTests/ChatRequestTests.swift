import SwiftProtobuf
import Testing
import WorkbenchAPI

@testable import workbench_gateway

@Suite("Bodies of OpenAI's calls") struct ChatRequestTests {
  private func read(_ more: String) throws(APIError) -> ChatRequest {
    try ChatRequest(Array(#"{"model": "m", "messages": [{"role": "user", "content": "Hi"}]\#(more)}"#.utf8))
  }

  private func options(_ more: String) throws -> ProtoGenerationOptions {
    try #require(try read(more).calls.first).options
  }

  private func refusal(_ more: String) -> APIError? {
    do throws(APIError) {
      _ = try read(more)
      return nil
    } catch {
      return error
    }
  }

  @Test("What a body does not say is left to the daemon")
  func nothing() throws {
    let request = try read("")
    #expect(request.calls.count == 1 && !request.isStreamed)
    #expect(try options("") == ProtoGenerationOptions())
    // Clients send null for what they leave out.
    #expect(
      try options(#", "temperature": null, "stop": null, "tools": null, "n": null"#)
        == ProtoGenerationOptions())
  }

  @Test("Settings become those of the daemon")
  func settings() throws {
    let options = try options(
      """
      , "temperature": 0.5, "top_p": 0.9, "top_k": 7, "min_p": 0.05, "presence_penalty": 1, "frequency_penalty": 2,
      "repetition_penalty": 1.1, "seed": 5, "logit_bias": {"3": -100}, "settings": {"xtc_probability": 0.5},
      "max_completion_tokens": 9, "stop": "a", "logprobs": true, "top_logprobs": 4, "preset": "p", "profile": "q",
      "trace": true, "ignore_eos": true
      """)
    let want = ProtoGenerationOptions.with {
      $0.maxTokens = 9
      $0.stop = ["a"]
      $0.topLogprobs = 4
      $0.preset = "p"
      $0.profile = "q"
      $0.trace = true
      $0.ignoreEnd = true
      $0.sampling = .with {
        $0.temperature = 0.5
        $0.topP = 0.9
        $0.topK = 7
        $0.minP = 0.05
        $0.presencePenalty = 1
        $0.frequencyPenalty = 2
        $0.repetitionPenalty = 1.1
        $0.seed = 5
        $0.logitBias = [3: -100]
        $0.other = ["xtc_probability": 0.5]
      }
    }
    #expect(options == want)
    let chain = try self.options(#", "chain": [{"name": "top_k", "k": 3}, {"name": "dist"}]"#).sampling.chain
    #expect(chain.map(\.name) == ["top_k", "dist"] && chain[0].parameters == ["k": 3])
  }

  @Test("Each choice has the seed after the last one's")
  func choices() throws {
    let seeded = try read(#", "n": 3, "seed": 5"#).calls
    #expect(seeded.map(\.options.sampling.seed) == [5, 6, 7])
    #expect(try read(#", "n": 2"#).calls.allSatisfy { !$0.options.sampling.hasSeed })
    #expect(try read(#", "n": 2, "seed": \#(Int.max)"#).calls.count == 2)
  }

  @Test("What a template reads is passed on as it was written")
  func rendering() throws {
    guard
      case .chat(let request) = try read(
        #", "tools": [{"b": 1.50, "a": 2}], "chat_template_kwargs": {"x": 1e2}, "reasoning_effort": "low""#
      ).calls[0]
    else {
      Issue.record("a chat")
      return
    }
    #expect(request.toolsJson == #"[{"b": 1.50, "a": 2}]"#)
    #expect(request.variablesJson == #"{"reasoning_effort":"low","x":1e2}"#)
    guard case .chat(let none) = try read(#", "tools": [{"a": 1}], "tool_choice": "none""#).calls[0] else {
      return
    }
    #expect(!none.hasToolsJson)
  }

  @Test(
    "A parameter that is not supported, or wrong, is an error that names it",
    arguments: [
      (#", "nothing": 1"#, "nothing"), (#", "store": true"#, "store"),
      (#", "response_format": {"type": "json_object"}"#, "response_format.type"),
      (#", "response_format": {"type": "text", "schema": 1}"#, "response_format.schema"),
      (#", "stream_options": {"include_usage": true}"#, "stream_options"),
      (#", "stream": true, "stream_options": {"x": 1}"#, "stream_options.x"), (#", "n": 17"#, "n"),
      (#", "n": 1.5"#, "n"), (#", "seed": -1"#, "seed"), (#", "stop": 5"#, "stop"),
      (#", "stop": [5]"#, "stop[0]"),
      (#", "top_logprobs": 2"#, "top_logprobs"), (#", "logit_bias": {"-1": 1}"#, "logit_bias"),
      (#", "logit_bias": []"#, "logit_bias"),
      (#", "max_tokens": 3, "max_completion_tokens": 4"#, "max_tokens"),
      (#", "tool_choice": "required""#, "tool_choice"),
      (#", "tool_choice": {"type": "function"}"#, "tool_choice"),
      (#", "tools": {}"#, "tools"), (#", "chain": [{"k": 1}]"#, "chain"),
      (#", "temperature": "hot""#, "temperature"),
    ])
  func refused(more: String, parameter: String) {
    let error = refusal(more)
    #expect(error?.status == 400 && error?.parameter == parameter, "\(String(describing: error))")
    #expect(error?.message.contains(parameter) == true)
  }

  @Test("A body that is no object of parameters is told where it is wrong")
  func bodies() {
    for body in [
      "", "[]", "{", #"{"model": "m", "model": "m"}"#, #"{"model": 5}"#, #"{"model": "m"}"#, "\u{FEFF}",
    ] {
      #expect(throws: APIError.self) { try ChatRequest(Array(body.utf8)) }
    }
    #expect(throws: APIError.self) { try ChatRequest([0x22, 0xFF, 0x22]) }
  }

  @Test("Prompts of completions are texts, tokens, or lists of either")
  func prompts() throws {
    func prompts(_ text: String) throws -> [ProtoGenerateRequest] {
      try CompletionRequest(Array(#"{"model": "m", "prompt": \#(text)}"#.utf8)).calls.map { call in
        if case .generate(let request) = call { request } else { ProtoGenerateRequest() }
      }
    }
    #expect(try prompts(#""a""#).map(\.text) == ["a"])
    #expect(try prompts(#"["a", "b"]"#).map(\.text) == ["a", "b"])
    #expect(try prompts("[1, 2]").map(\.tokens.ids) == [[1, 2]])
    #expect(try prompts("[[1], [2, 3]]").map(\.tokens.ids) == [[1], [2, 3]])
    // As OpenAI's API has it, where the request does not say.
    #expect(try prompts(#""a""#)[0].options.maxTokens == 16)
    for wrong in ["[]", "5", "[1, \"a\"]", "[-1]", "[[1], 2]", "{}", "[4294967296]"] {
      #expect(throws: APIError.self) { try prompts(wrong) }
    }
  }
}
