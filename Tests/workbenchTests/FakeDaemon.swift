import Glibc
import RPC
import SwiftProtobuf
import Synchronization
import WorkbenchAPI

@testable import workbench

/// What a command line printed and ended with.
struct Outcome {
  var status: ExitStatus
  var output: String
  var error: String
}

/// A folder and files that go away with the test.
final class Scratch: Sendable {
  let path: String

  init() {
    var template = Array("/tmp/workbench-client-XXXXXX".utf8CString)
    _ = mkdtemp(&template)
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    // Files only: tests make no folders in it.
    if let folder = opendir(path) {
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        unlink(path + "/" + name)
      }
      closedir(folder)
    }
    rmdir(path)
  }

  func file(_ name: String, _ text: String? = nil) -> String {
    let full = path + "/" + name
    if let text {
      let descriptor = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
      let bytes = Array(text.utf8)
      _ = write(descriptor, bytes, bytes.count)
      close(descriptor)
    }
    return full
  }

  static func contents(_ path: String) -> String {
    (try? FileInput.readText(path)) ?? ""
  }
}

/// Requests that the fake daemon got.
final class Seen: Sendable {
  let chats = Mutex<[ProtoChatRequest]>([])
  let generations = Mutex<[ProtoGenerateRequest]>([])
  let scores = Mutex<[ProtoScoreRequest]>([])
  let renders = Mutex<[ProtoRenderTemplateRequest]>([])
  let cancelled = Atomic<Int>(0)
  var lastChat: ProtoChatRequest? { chats.withLock { $0.last } }
}

/// A daemon with canned answers.
enum FakeDaemon {
  /// Runs `body` with the address of a daemon that has these models.
  static func run(
    models: [String] = ["smollm"], _ body: (String, Seen, Scratch) async throws -> Void
  ) async throws {
    let scratch = Scratch()
    let seen = Seen()
    let path = scratch.file("daemon.sock")
    let server = try Server(
      configuration: ServerConfiguration(unixSocket: path), routes: routes(models.map(model), seen))
    _ = try await server.start()
    let result: Result<Void, any Error>
    do {
      result = .success(try await body(path, seen, scratch))
    } catch {
      result = .failure(error)
    }
    await server.shutdown(drain: .zero)
    try result.get()
  }

  static func model(_ name: String) -> ProtoModel {
    var model = ProtoModel()
    model.name = name
    model.state = .ready
    model.quantization = "Q4_1"
    model.fileBytes = 98 << 20
    model.contextLength = 2048
    model.template = "chatml"
    model.workerPid = 42
    return model
  }

  private static func routes(_ models: [ProtoModel], _ seen: Seen) -> RouteTable {
    var routes = RouteTable()
    addModels(models, to: &routes)
    addText(seen, to: &routes)
    addTemplates(seen, to: &routes)
    addProfiles(to: &routes)
    routes.unary(TokenizersMethods.tokenize) { request, _ in
      // Every byte a token, so that what was sent can be seen.
      ProtoTokenizeResponse.with { response in
        response.tokens = request.text.enumerated().map { index, byte in
          ProtoTextToken.with { token in
            token.id = UInt32(byte)
            token.piece.append(byte)
            token.begin = UInt32(index)
            token.end = UInt32(index + 1)
          }
        }
      }
    }
    routes.unary(TokenizersMethods.detokenize) { request, _ in
      ProtoDetokenizeResponse.with {
        $0.bytes.append(contentsOf: request.ids.map { UInt8(truncatingIfNeeded: $0) })
      }
    }
    return routes
  }

  private static func addModels(_ models: [ProtoModel], to routes: inout RouteTable) {
    routes.unary(ModelsMethods.list) { _, _ in ProtoListModelsResponse.with { $0.models = models } }
    routes.unary(ModelsMethods.get) { request, _ in
      guard let model = models.first(where: { $0.name == request.name }) else {
        throw RPCError(.notFound, "no model \"\(request.name)\"")
      }
      return ProtoGetModelResponse.with {
        $0.model = model
        $0.metadata = ["general.name": "Smol\u{1B}[2J"]
      }
    }
    routes.unary(ModelsMethods.unload) { request, _ in
      throw RPCError(.failedPrecondition, "\(request.name) is loading")
    }
    routes.serverStreaming(ModelsMethods.load) { request, _, writer in
      for (fraction, stage) in [
        (0.0, "reading metadata"), (0.5, "packing weights"), (0.9, "packing weights"),
      ] {
        try await writer.send(
          .with {
            $0.progress = .with { progress in (progress.fraction, progress.stage) = (fraction, stage) }
          })
      }
      try await writer.send(.with { $0.model = model(request.hasName ? request.name : request.path) })
    }
  }

  private static func addText(_ seen: Seen, to routes: inout RouteTable) {
    routes.serverStreaming(GenerationMethods.chat) { request, _, writer in
      seen.chats.withLock { $0.append(request) }
      let said = request.messages.last?.content ?? ""
      if said == "fail" {
        var status = Google_Rpc_Status()
        status.details = [
          try Google_Protobuf_Any(message: Google_Rpc_RetryInfo.with { $0.retryDelay.seconds = 2 })
        ]
        throw RPCError(.resourceExhausted, "the queue is full", details: try status.serializedBytes())
      }
      let start = ProtoGenerationResponse.with { response in
        response.start = .with { start in
          (start.model, start.template, start.seed) = (request.model, "chatml", 7)
        }
      }
      let times = seen.chats.withLock { chats in chats.count { $0.messages.last?.content == said } }
      if said == "once", times == 2 { throw RPCError(.unavailable, "the worker of smollm ended") }
      if said == "empty" {
        try await writer.send(start)
        return try await writer.send(.with { $0.finish = finish })
      }
      if said == "cut" {
        try await writer.send(start)
        try await writer.send(.with { $0.text = "partly" })
        throw RPCError(.unavailable, "the worker of smollm ended")
      }
      if said == "hang" || said == "silence" {
        do {
          try await writer.send(start)
          if said == "hang" { try await writer.send(.with { $0.text = "begun" }) }
          while true { try await Task.sleep(for: .seconds(60)) }
        } catch {
          seen.cancelled.add(1, ordering: .relaxed)
          throw error
        }
      }
      try await writer.send(start)
      for piece in ["You said ", said, "."] { try await writer.send(.with { $0.text = piece }) }
      if request.options.hasTopLogprobs { try await writer.send(.with { $0.tokens = words(said, request) }) }
      if request.options.trace { try await writer.send(.with { $0.tokens = [tracedToken] }) }
      try await writer.send(
        .with { response in
          response.finish = finish
          if request.options.trace { response.finish.trace.stages = [tracedToken.trace.stages[1]] }
        })
    }
    routes.serverStreaming(GenerationMethods.score) { request, _, writer in
      seen.scores.withLock { $0.append(request) }
      try await score(request, writer)
    }
    routes.serverStreaming(GenerationMethods.generate) { request, _, writer in
      seen.generations.withLock { $0.append(request) }
      try await writer.send(.with { $0.text = "…and on" })
      try await writer.send(.with { $0.finish = finish })
    }
  }

  /// Each continuation is half as probable as the one before it; every second one comes first.
  private static func score(
    _ request: ProtoScoreRequest, _ writer: ResponseWriter<ProtoScoreResponse>
  ) async throws {
    let texts = request.input?.isDocument == true ? 2 : request.continuations.continuations.count
    try await writer.send(
      .with {
        $0.start.model = request.model
        $0.start.texts = UInt32(texts)
        $0.start.tokens = UInt64(2 * texts)
      })
    for index in Array(stride(from: 1, to: texts, by: 2)) + Array(stride(from: 0, to: texts, by: 2)) {
      try await writer.send(
        .with {
          $0.scores = [
            .with { score in
              score.index = UInt32(index)
              score.tokens = UInt32(index + 1)
              score.logprob = -0.5 - Double(index) * 0.693_147_180_559_945_3
              score.greedy = index == 0
              guard request.hasTopLogprobs else { return }
              score.scored = [
                .with {
                  ($0.id, $0.logprob, $0.greedy) = (7, -0.5, true)
                  $0.bytes.append(contentsOf: Array(" a\n".utf8))
                }
              ]
            }
          ]
        })
    }
    try await writer.send(
      .with {
        $0.finish.tokens = UInt64(2 * texts)
        $0.finish.logprob = -8
      })
  }

  /// A token for each word of what was said, and one for the template.
  private static func words(_ said: String, _ request: ProtoChatRequest) -> [ProtoGeneratedToken] {
    (said.split(separator: " ").map(String.init) + [request.template]).enumerated().map { index, word in
      .with { token in
        token.id = UInt32(word.utf8.reduce(0) { $0 &+ Int($1) })
        token.bytes.append(contentsOf: Array(word.utf8))
        token.logprob = -Float(index) / 2
      }
    }
  }

  /// A token that came out of two stages, the first one with a hostile name.
  static var tracedToken: ProtoGeneratedToken {
    func point(_ candidates: UInt32, _ entropy: Double, _ rank: UInt32?, _ probability: Double)
      -> ProtoTracedDistribution
    {
      .with { point in
        (point.candidates, point.entropy, point.probability) = (candidates, entropy, probability)
        if let rank { point.rank = rank }
      }
    }
    return .with { token in
      token.id = 42
      token.bytes.append(contentsOf: Array(" blue\n\u{1B}[2J".utf8))
      token.trace.stages = [
        .with { stage in
          (stage.name, stage.massRemoved) = ("top_k\u{1B}[2J", 0.25)
          (stage.before, stage.after) = (point(49152, 7.5, nil, 0), point(40, 4.25, 12, 0.00004))
        },
        .with { stage in
          stage.name = "dist"
          (stage.before, stage.after) = (point(40, 4.25, 12, 0.00004), point(40, 4.25, 2, 0.9999))
        },
      ]
      token.trace.likeliest = [
        .with { token in
          token.bytes.append(contentsOf: Array(" the".utf8))
          token.logprob = -0.5
        }
      ]
    }
  }

  private static var finish: ProtoGenerationFinish {
    .with { finish in
      finish.reason = .end
      finish.rule = "<|im_end|>"
      finish.promptTokens = 10
      finish.cachedTokens = 4
      finish.generatedTokens = 20
      finish.timings.prefill.nanos = 500_000_000
      finish.timings.decode.seconds = 2
      finish.settings = [
        .with { setting in (setting.name, setting.value, setting.source) = ("temperature", "0.8", .default) }
      ]
    }
  }

  private static func addProfiles(to routes: inout RouteTable) {
    let profile = ProtoProfile.with {
      ($0.name, $0.origin, $0.summary, $0.template) = ("big-card", "plugin", "A card", "chatml")
      $0.maxTokens = 7
      $0.samplers = ["top_k": "50", "order": "transformers"]
    }
    routes.unary(ProfilesMethods.list) { _, _ in .with { $0.profiles = [profile] } }
    routes.unary(ProfilesMethods.get) { request, _ in
      guard request.name == profile.name else {
        throw RPCError(.notFound, "no profile is named '\(request.name)'")
      }
      return .with {
        $0.profile = profile
        $0.yaml = "template: chatml\n"
      }
    }
    routes.unary(ModelsMethods.update) { request, _ in
      .with {
        $0.model.name = request.name
        $0.model.profile =
          request.profile == "none" ? "" : request.profile.isEmpty ? "big-card" : request.profile
        $0.untilRestart = true
      }
    }
  }

  private static func addTemplates(_ seen: Seen, to routes: inout RouteTable) {
    routes.unary(TemplatesMethods.get) { request, _ in
      guard ["chatml", "alpaca"].contains(request.name) else {
        throw RPCError(.notFound, "no template \"\(request.name)\"; the nearest is \"chatml\"")
      }
      return .with {
        $0.template.name = request.name
        $0.source = "{{ messages }}"
      }
    }
    routes.unary(TemplatesMethods.render) { request, _ in
      seen.renders.withLock { $0.append(request) }
      return .with { response in
        response.text = "<s>\u{1B}한"
        response.spans = [
          .with { span in (span.begin, span.end, span.origin) = (0, 3, "bos_token") },
          .with { span in (span.begin, span.end, span.origin) = (3, 999, "messages[0].content") },
        ]
        response.tokenIds = [1, 2]
      }
    }
  }
}

/// Runs a command line with files in place of the terminal.
func run(
  _ arguments: [String], input: String? = nil, inputDescriptor: Int32? = nil, in scratch: Scratch,
  interrupts: Interrupts = Interrupts(), name: String = "\(UInt64.random(in: 0...UInt64.max))"
) async -> Outcome {
  let (output, error) = (scratch.file(name + ".out", ""), scratch.file(name + ".err", ""))
  var console = Console()
  console.input =
    inputDescriptor ?? open(input.map { scratch.file(name + ".in", $0) } ?? "/dev/null", O_RDONLY)
  console.output = open(output, O_WRONLY | O_APPEND)
  console.error = open(error, O_WRONLY | O_APPEND)
  console.interrupts = interrupts
  let status = await Console.$current.withValue(console) { await Workbench.run(arguments) }
  if inputDescriptor == nil { close(console.input) }
  close(console.output)
  close(console.error)
  return Outcome(status: status, output: Scratch.contents(output), error: Scratch.contents(error))
}

extension ProtoScoreRequest.OneOf_Input {
  /// Whether a document is scored.
  fileprivate var isDocument: Bool {
    if case .document = self { true } else { false }
  }
}
