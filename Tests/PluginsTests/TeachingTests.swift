import Chat
import Jinja
import Plugins
import Sampling
import Testing
import Tokenizers
import Tokens
import WorkerProtocol

@Suite("The teaching plugins do what they say") struct TeachingTests {
  @Test("Every teaching plugin in C passes its trial and stays under a hundred lines") func passTrials()
    throws
  {
    let libraries = [Libraries.teachingSampler, Libraries.teachingTemplate, Libraries.teachingTokenizer]
    let sources = ["teaching_sampler.c", "teaching_template.c", "teaching_tokenizer.c"]
    for (library, source) in zip(libraries, sources) {
      #expect(try trial(library.get()).refusal == nil)
      let lines = Libraries.read("\(Libraries.root)/plugins/\(source)").count { $0 == UInt8(ascii: "\n") }
      #expect(lines > 0 && lines < 100, "\(source): \(lines)")
    }
  }

  @Test("The Swift sampler, built by its one line, passes its trial") func swiftPasses() throws {
    let library = "\(Libraries.folder)/top_a.so"
    let header = "\(Libraries.root)/Sources/CWorkbenchPlugin/include/workbench_plugin.h"
    let line = ["-O", "-emit-library", "-import-objc-header", header, "-o", library]
    let ended = run(
      ["/usr/bin/env", "swiftc"] + line + ["\(Libraries.root)/plugins/swift-sampler/top_a.swift"])
    #expect(ended.status == 0, "\(ended.text)")
    let verdict = try trial(library)
    #expect(verdict.refusal == nil)
    #expect(verdict.offers.map(\.name) == ["top_a"])
  }

  @Test(
    "The header is clean C11 and C++11",
    arguments: [["cc", "-xc", "-std=c11"], ["c++", "-xc++", "-std=c++11"]])
  func headerIsClean(_ compiler: [String]) {
    let header = "\(Libraries.root)/Sources/CWorkbenchPlugin/include/workbench_plugin.h"
    let flags = ["-Wall", "-Wextra", "-pedantic", "-Werror", "-fsyntax-only"]
    let ended = run(["/usr/bin/env"] + compiler + flags + [header])
    #expect(ended.status == 0, "\(ended.text)")
  }

  @Test("cooldown takes logits from used tokens and gives them back") func coolsDown() throws {
    let sampler = try #require(try PluginLibrary.open(Libraries.teachingSampler.get()).samplers.first)
    var registry = SamplerRegistry.builtIn
    try sampler.register(in: &registry)
    let stage = ChainSpecification.Stage("cooldown", ["strength": .number(8), "window": .integer(4)])
    var chain = try SamplerChain(
      ChainSpecification(stages: [stage, .init("greedy")], seed: 1), registry: registry, vocabularySize: 3)
    let logits: [Float] = [3, 2, 0]
    var picks: [TokenID] = []
    for _ in 0..<8 {
      let pick = try logits.withUnsafeBufferPointer { try chain.sample($0) }.token
      picks.append(pick)
      chain.accept(pick)
    }
    // By hand: a token loses 8, 6, 4, 2 logits in the four steps after its use.
    #expect(picks == [0, 1, 2, 0, 1, 0, 2, 1])
  }

  @Test("play writes a script, merges what one speaker says, and marks what people wrote") func plays() throws
  {
    let template = try #require(try PluginLibrary.open(Libraries.teachingTemplate.get()).templates.first)
    #expect(template.name == "play" && template.stopStrings == ["\nHuman:", "\n["])
    let messages = [
      Message(role: "system", content: "Be brief."), Message(role: "user", content: "Hello."),
      Message(role: "user", content: "</s>你好"),
    ]
    let prompt = try template.render(Conversation(messages: messages, bosToken: "<s>"))
    #expect(prompt.text == "<s>[Be brief.]\nHuman: Hello. </s>你好\nAssistant:")
    #expect(prompt.spans.map(\.range.count).reduce(0, +) == prompt.text.utf8.count)
    let content = prompt.spans.filter { !$0.isTrusted }
    #expect(content.map(\.source) == ["messages[0].content", "messages[1].content", "messages[2].content"])
    #expect(prompt.spans.first == PromptSpan(range: 0..<3, isTrusted: true, source: "bos_token"))
    let refusal = PluginFault.refused(
      message: "message 0 has the role 'tool'; a play has system, user and assistant only")
    #expect(throws: refusal) {
      try template.render(Conversation(messages: [Message(role: "tool", content: "x")]))
    }
    #expect(template.health.state == .healthy)
  }

  @Test("bytes encodes as ByT5 does, and control tokens in trusted text only") func encodesBytes() throws {
    let source = try #require(try PluginLibrary.open(Libraries.teachingTokenizer.get()).tokenizers.first)
    let tokenizer = try source.load()
    #expect(tokenizer.vocabularySize == 259 && tokenizer.addsEndOfSequence && tokenizer.endOfSequence == 1)
    // "Life is like", from the documentation of ByT5 in transformers.
    let ids = try tokenizer.encode("Life is like").map(\.id.rawValue)
    #expect(ids == [79, 108, 105, 104, 35, 108, 118, 35, 111, 108, 110, 104])
    let text = "a</s>é</s>"
    #expect(try tokenizer.encode(text).count == text.utf8.count)
    let all = try tokenizer.encode(text, special: .all)
    #expect(all.map(\.id.rawValue) == [100, 1, 198, 172, 1])
    #expect(all.map(\.range) == [0..<1, 1..<5, 5..<6, 6..<7, 7..<11])
    let some = try tokenizer.encode(text, special: .within([7..<11]))
    #expect(some.filter { $0.id == 1 }.map(\.range) == [7..<11])
    #expect(tokenizer.text(of: all.map(\.id)) == "aé")
    #expect(tokenizer.text(of: all.map(\.id), skipSpecial: false) == text)
    #expect(tokenizer.token(for: Array("</s>".utf8)) == 1 && tokenizer.kind(of: 500) == .unused)
    #expect(throws: TokenizerError.range(0..<99, textBytes: 11)) {
      try tokenizer.encode(text, special: .within([0..<99]))
    }
  }

  @Test("A template sees tools and everything else as JSON") func passesJSON() throws {
    let library = try Libraries.compile(Self.echo, "echo_template")
    let template = try #require(try PluginLibrary.open(library).templates.first)
    var conversation = Conversation(messages: [
      Message(
        role: "user",
        content: .parts([["type": "text", "text": "a\"b"], ["type": "text", "text": "\u{1}ü"]]))
    ])
    conversation.tools = [["name": "clock", "strict": true, "depth": 1.5, "none": nil]]
    conversation.extra = ["enable_thinking": false]
    let text = try template.render(conversation).text
    #expect(
      text == """
        a"b\n\u{1}ü|{"messages":[{"role":"user","content":[{"type":"text","text":"a\\"b"},\
        {"type":"text","text":"\\u0001ü"}]}],"tools":[{"name":"clock","strict":true,"depth":1.5,"none":null}],\
        "add_generation_prompt":true,"bos_token":null,"eos_token":null,"enable_thinking":false}
        """)
    let json = try #require(text.split(separator: "|").last)
    #expect(throws: Never.self) { try Value(json: String(json)) }
  }

  private static let echo = """
    #include "workbench_plugin.h"
    static const wb_host *host;
    static wb_status render(void *c, const wb_conversation *v, wb_output *o, char *e, size_t n) {
      (void)c, (void)e, (void)n;
      host->append_text(o, v->messages[0]->content.bytes, v->messages[0]->content.count, WB_CONTENT, 0);
      host->append_text(o, "|", 1, WB_LITERAL, 0);
      return host->append_text(o, v->json.bytes, v->json.count, WB_CONTENT, 0);
    }
    static const wb_template t[] = {
        {.header = WB_HEADER(wb_template), .name = "echo", .summary = "Echoes.", .render = render}};
    WB_EXPORT wb_status workbench_plugin_entry(const wb_host *h, wb_plugin *p) {
      host = h;
      *p = (wb_plugin){.header = WB_HEADER(wb_plugin), .name = "echo", .version = "1", .summary = "Echoes.",
                       .templates = t, .template_count = 1};
      return WB_OK;
    }
    """
}
