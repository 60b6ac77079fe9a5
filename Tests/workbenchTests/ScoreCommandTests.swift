import SwiftProtobuf
import Synchronization
import Testing
import WorkbenchAPI

@testable import workbench

@Suite(.timeLimit(.minutes(60))) struct ScoreCommandTests {
  @Test("Continuations are scored after their context, and shown in the order in which they were given")
  func score() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let words = ["score", "--address", address, "smollm", "The capital is", " Paris", " Rome", " Bern"]
      let outcome = await run(words, in: scratch)
      #expect(
        outcome.output == """
          CONTINUATION  TOKENS  LOGPROB  PER TOKEN  GREEDY
          " Paris"           1   -0.500     -0.500  yes
          " Rome"            2   -1.193     -0.597  no
          " Bern"            3   -1.886     -0.629  no

          """)
      #expect(outcome.error == "" && outcome.status == .success)
      let request = try #require(seen.scores.withLock { $0.last })
      #expect(request.model == "smollm" && request.continuations.text == "The capital is")
      #expect(request.continuations.continuations.map(\.text) == [" Paris", " Rome", " Bern"])
      #expect(!request.hasTopLogprobs && !request.hasParseSpecial && !request.hasAddBos)
      let json = await run(words + ["--json"], in: scratch)
      #expect(json.output.split(separator: "\n").count == 5)
    }
  }

  @Test("Options reach the daemon; tokens are shown on request, and no control character with them")
  func scoreOptions() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      var outcome = await run(
        ["score", "--address", address, "--ids", "1,2", "3", "4 5", "--logprobs", "2", "--truncate"],
        in: scratch)
      #expect(outcome.status == .success, "\(outcome.error)")
      #expect(outcome.output.contains("\n 7  \" a\\n\"   -0.500  yes"), "\(outcome.output)")
      var request = try #require(seen.scores.withLock { $0.last })
      #expect(request.continuations.tokens.ids == [1, 2])
      #expect(request.continuations.continuations.map(\.tokens.ids) == [[3], [4, 5]])
      #expect(request.topLogprobs == 2 && request.continuations.truncateContext)
      outcome = await run(
        ["score", "--address", address, "--parse-special", "--no-bos", "-", "x"], input: "from a pipe ",
        in: scratch)
      #expect(outcome.status == .success)
      request = try #require(seen.scores.withLock { $0.last })
      #expect(request.continuations.text == "from a pipe " && request.parseSpecial && !request.addBos)
      #expect(request.hasAddBos)
      for words in [["only"], [], ["--ids", "--bos", "1", "2"], ["--ids", "1", "x"]] {
        let outcome = await run(["score", "--address", address] + words, in: scratch)
        #expect(outcome.status == .usage, "\(words)")
      }
    }
  }

  @Test("The perplexity of a file: the daemon's sums in numbers that people compare")
  func perplexity() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let path = scratch.file("text.txt", "Once upon a time")
      let words = ["perplexity", "--address", address, path]
      let outcome = await run(words + ["--window", "64", "--overlap", "32"], in: scratch)
      #expect(
        outcome.output == """
          tokens          4
          bytes           16
          log-likelihood  -8.00
          perplexity      7.389
          bits per byte   0.7213

          """)
      #expect(outcome.error == "")
      let request = try #require(seen.scores.withLock { $0.last })
      #expect(request.document.text.text == "Once upon a time" && request.model == "smollm")
      #expect(request.document.windowTokens == 64 && request.document.overlapTokens == 32)
      #expect(await run(words + ["--json"], in: scratch).output.split(separator: "\n").count == 4)
      let piped = await run(["perplexity", "--address", address, "-"], input: "Twice", in: scratch)
      #expect(piped.status == .success && piped.output.contains("bytes           5\n"))
      let missing = await run(["perplexity", "--address", address, path + "x"], in: scratch)
      #expect(missing.status == .notFound)
      let empty = await run(["perplexity", "--address", address, "-"], in: scratch)
      #expect(empty.status == .usage && empty.error == "workbench: standard input is empty\n")
    }
  }

  @Test("Answers are compared among each other, by their sums or by their means")
  func choose() async throws {
    try await FakeDaemon.run { address, seen, scratch in
      let words = ["choose", "--address", address, "Which?", "A", "B"]
      var outcome = await run(
        words + ["--system", "Be brief.", "--template", "chatml", "--profile", "none"], in: scratch)
      #expect(
        outcome.output == """
          ANSWER  PROBABILITY    RAW  TOKENS  LOGPROB
          "A"           66.7%  60.7%       1   -0.500
          "B"           33.3%  30.3%       2   -1.193

          """)
      var request = try #require(seen.scores.withLock { $0.last })
      #expect(request.continuations.chat.messages.map(\.content) == ["Be brief.", "Which?"])
      #expect(request.continuations.chat.messages.map(\.role) == ["system", "user"])
      #expect(request.continuations.chat.template == "chatml" && request.model == "smollm")
      #expect(request.continuations.chat.profile == "none")
      outcome = await run(words + ["--per-token"], in: scratch)
      #expect(outcome.output.contains("\"A\"           52.4%  60.7%"), "\(outcome.output)")
      outcome = await run(words + ["--json"], in: scratch)
      #expect(
        outcome.output.hasPrefix(
          "{\"model\":\"smollm\",\"answer\":\"A\",\"answers\":[{\"text\":\"A\",\"probability\":0.66666"))
      #expect(!request.continuations.truncateContext)
      outcome = await run(words + ["--raw", "--truncate"], in: scratch)
      request = try #require(seen.scores.withLock { $0.last })
      #expect(request.continuations.text == "Which?" && outcome.status == .success)
      #expect(request.continuations.truncateContext)
      // Nothing is put behind an answer.
      #expect(request.continuations.continuations.map(\.text) == ["A", "B"])
      for words in [["Which?", "A"], ["Which?", "A", "A"], ["--raw", "--system", "S", "Q", "A", "B"]] {
        let outcome = await run(["choose", "--address", address] + words, in: scratch)
        #expect(outcome.status == .usage, "\(words)")
      }
    }
  }

  @Test("Answers that cannot be said have no share; equal ones keep their order")
  func ranking() {
    func score(_ logprob: Double) -> ProtoTextScore {
      .with { ($0.logprob, $0.tokens) = (logprob, 1) }
    }
    let none = Choices(["a", "b"], [score(-.infinity), score(-.infinity)], perToken: false)
    #expect(none.all.map(\.probability) == [0, 0])
    let some = Choices(["a", "b", "c"], [score(-2000), score(-.infinity), score(-2000)], perToken: false)
    #expect(some.all.map(\.probability) == [0.5, 0, 0.5])
    #expect(some.ranked.map(\.text) == ["a", "c", "b"])
  }
}
