import Foundation
import JSON
import SwiftProtobuf
import Synchronization
import Terminal
import Testing
import WorkbenchAPI

@testable import workbench

@Suite("Answers beside each other") struct CompareTests {
  private func answer(_ words: [String], logprob: Float = -1) -> ComparedAnswer {
    var answer = ComparedAnswer()
    answer.text = words.joined()
    answer.tokens = words.map { word in
      .with {
        $0.id = UInt32(word.utf8.reduce(0) { $0 &+ Int($1) })
        $0.bytes.append(contentsOf: Array(word.utf8))
        $0.logprob = logprob
      }
    }
    answer.finish = .with { $0.reason = .maxTokens }
    return answer
  }

  private func variant(_ label: String, model: String = "m") -> Variant {
    var variant = Variant(model: model, seed: 1)
    variant.label = label
    return variant
  }

  @Test("Every combination of repeated options is a variant, named by what differs")
  func variants() throws {
    var choices = Variant.Choices(models: ["m"], templates: ["a", "b"], temperatures: [0, 1], seeds: [7])
    #expect(
      try choices.variants().map(\.label) == [
        "template a, temperature 0.0", "template a, temperature 1.0", "template b, temperature 0.0",
        "template b, temperature 1.0",
      ])
    choices.profiles = ["p"]
    let variants = try choices.variants()
    #expect(
      variants.count == 4 && variants.allSatisfy { $0.profile == "p" && $0.seed == 7 && $0.model == "m" })
    let request = variants[3].request([], .with { $0.maxTokens = 3 })
    #expect(
      request.template == "b" && request.options.sampling.temperature == 1 && request.options.maxTokens == 3)
    #expect(
      request.options.profile == "p" && request.options.sampling.seed == 7 && request.options.hasTopLogprobs)
    choices.seeds = [1, 2, 3]
    #expect(throws: ClientError.self) { try choices.variants() }
    #expect(throws: ClientError.self) {
      try Variant.Choices(models: ["m"], templates: ["a"], seeds: [1]).variants()
    }
  }

  @Test("Answers part at the first token that differs, or where one ends")
  func parting() {
    let one = answer(["The", " sky", " is", " blue"])
    func part(_ words: [String], byTokens: Bool = true) -> Parting {
      Parting(one, answer(words), byTokens: byTokens)
    }
    #expect(part(["The", " sky", " is", " blue"]) == .same)
    #expect(part(["The", " sky", " was", " blue"]) == .token(2))
    #expect(part(["The"]) == .token(1) && part([]) == .token(0))
    // The same text in other tokens, of another model.
    #expect(part(["The sky", " is blue"], byTokens: false) == .same)
    #expect(part(["The sky", " is"], byTokens: false) == .character(10))
    var failed = ComparedAnswer()
    failed.failure = ClientError(.refused, "no")
    #expect(Parting(one, failed, byTokens: true) == .unknown)
  }

  @Test("Columns fit the terminal, with wide characters; without room the answers stand under each other")
  func columns() {
    let comparison = Comparison(
      question: "q", variants: [variant("template chatml"), variant("template alpaca")],
      answers: [
        answer(["바나나는", " 원래 하얀색이에요. 껍질이 노란색일 뿐이에요.", "\u{1B}[2J\tend"]),
        answer(["바나나는", " yellow https://example.org/" + String(repeating: "x", count: 60)]),
      ])
    for width in [51, 60, 80, 200] {
      let text = comparison.text(columns: width)
      for line in text.split(separator: "\n") { #expect(DisplayWidth.of(line) <= width, "\(line)") }
      #expect(text.contains("template chatml") && !text.contains("\u{1B}"))
      #expect(!text.hasPrefix("=="))
    }
    for width in [nil, 20, 50] {
      let text = comparison.text(columns: width)
      #expect(text.hasPrefix("== template chatml\n바나나는 원래") && text.contains("\n== template alpaca\n"))
    }
    #expect(comparison.text(columns: nil).contains("part at token 2: \" 원래"))
    let beside = SideBySide.text(["가나다 라마", "b"], width: 24)
    #expect(beside == "가나다 라마" + String(repeating: " ", count: 16) + "b\n")
  }

  @Test("Questions are lines of text or of JSON; a wrong one is named by its line")
  func questions() throws {
    let text =
      "One?\n\n{\"prompt\": \"Two?\"}\r\n{\"messages\": [{\"role\": \"system\", \"content\": \"S\"}, {\"role\": \"user\", \"content\": \"Three?\"}]}\n"
    let found = try Question.parse(text, name: "f", system: "Be brief.")
    #expect(found.map(\.title) == ["One?", "Two?", "Three?"])
    #expect(
      found.map { $0.messages.map(\.content) } == [
        ["Be brief.", "One?"], ["Be brief.", "Two?"], ["S", "Three?"],
      ])
    for (text, message) in [
      ("", "f has no question"),
      ("a\n{\"x\": 1}", "f, line 2: the object has neither 'prompt' nor 'messages'"),
      ("{\"prompt\": 1}", "f, line 1: prompt: a string is expected"), ("\n{oops", "f, line 2:"),
    ] {
      let error = #expect(throws: ClientError.self) { try Question.parse(text, name: "f", system: nil) }
      #expect(error?.message.hasPrefix(message) == true, "\(error?.message ?? "")")
    }
  }

  @Test("A command asks all variants with the same seed, prints them, and ends with a summary")
  func command() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      var outcome = await run(
        ["compare", "--address", address, "--template", "chatml", "--template", "alpaca", "a b"], in: scratch)
      #expect(outcome.status == .success && outcome.error.isEmpty)
      #expect(outcome.output.contains("== template chatml\nYou said a b.\n"))
      #expect(
        outcome.output.contains(
          "template chatml and template alpaca part at token 3: \"chatml\" and \"alpaca\"\n"))
      // The answer of one template after the prompt of the other, by its tokens.
      #expect(outcome.output.contains("LOGPROB UNDER template chatml  LOGPROB UNDER template alpaca"))
      #expect(outcome.output.contains("template chatml       3                         -0.500"))
      let scores = seen.scores.withLock { $0 }
      #expect(Set(scores.map(\.continuations.chat.template)) == ["chatml", "alpaca"])
      for score in scores {
        #expect(score.continuations.continuations.map(\.tokens.ids.count) == [3] && score.model == "smollm")
        #expect(score.continuations.chat.messages.map(\.content) == ["a b"])
      }
      let chats = seen.chats.withLock { $0 }
      #expect(
        Set(chats.map(\.template)) == ["chatml", "alpaca"] && chats.allSatisfy { $0.model == "smollm" })
      #expect(Set(chats.map(\.options.sampling.seed)).count == 1)

      let file = scratch.file("q.txt", "one two\n{\"prompt\": \"fail\"}\n")
      outcome = await run(
        ["compare", "--address", address, "--seed", "1", "--seed", "2", "--questions", file], in: scratch)
      #expect(outcome.status == .refused && outcome.error.contains("the queue is full (and 1 other failure)"))
      #expect(outcome.output.contains("seed 1 and seed 2: the same answer"))
      #expect(outcome.output.contains("error: the queue is full"))
      #expect(outcome.output.contains("2 questions") && outcome.output.contains("PART AT TOKEN"))

      outcome = await run(
        ["compare", "--address", address, "--seed", "1", "--seed", "2", "--questions", file, "--json"],
        in: scratch)
      let lines = outcome.output.split(separator: "\n").map(String.init)
      #expect(lines.count == 3)
      let first = try JSONDocument(lines[0]).root
      #expect(first["question"]?.string == "one two")
      let answers = try #require(first["answers"]?.elements).map { $0 }
      #expect(
        answers.count == 2 && answers[1]["seed"]?.int == 2 && answers[0]["mean_logprob"]?.double == -0.5)
      #expect(answers[0]["tokens"]?.elements?.map { $0["text"]?.string } == ["one", "two", ""])
      let partings = try #require(first["partings"]?.elements).map { $0 }
      #expect(partings.first?["same"]?.bool == true)
      let summary = try #require(try JSONDocument(lines[2]).root["summary"]?.elements).map { $0 }
      #expect(
        summary[1]["failed"]?.int == 1 && summary[1]["same"]?.int == 1 && summary[1]["questions"]?.int == 2)
    }
  }

  @Test("What cannot be compared is refused before anything is asked")
  func refused() async throws {
    let scratch = Scratch()
    for (words, part) in [
      (["q"], "there is nothing to compare"), (["--template", "a", "q"], "there is nothing to compare"),
      (["--seed", "1", "--seed", "x", "q"], "seed"),
      ((0..<9).flatMap { ["--seed", "\($0)"] } + ["q"], "more than 8 combinations"),
    ] {
      let outcome = await run(["compare", "--address", "/dev/null/none"] + words, in: scratch)
      #expect(outcome.status == .usage && outcome.error.contains(part), "\(outcome.error)")
    }
    try await FakeDaemon.run { address, seen, scratch in
      let file = scratch.file("q.txt", "x")
      let base = ["compare", "--address", address, "--seed", "1", "--seed", "2"]
      #expect(await run(base + ["--questions", file, "q"], in: scratch).status == .usage)
      #expect(await run(base + ["--questions", scratch.file("none")], in: scratch).status == .notFound)
      #expect(seen.chats.withLock { $0.isEmpty })
    }
  }
}
