import Foundation
import RPC
import Runtime
import Sampling
import SwiftProtobuf
import Testing
import Tokens
import WorkbenchAPI

@testable import WorkerProtocol

@Suite("What daemon and worker tell each other arrives as it was") struct ConversionTests {
  @Test("The source of a model, whichever of its options are set", arguments: 0..<1024) func modelSource(
    set: Int
  ) throws {
    var source = ModelSource(path: "/m/a b.gguf")
    if set & 1 != 0 { source.contextLength = 0 }
    if set & 2 != 0 { source.threads = 7 }
    if set & 4 != 0 { source.maxSequences = Int(UInt32.max) }
    if set & 8 != 0 { source.cacheBytes = .max }
    if set & 16 != 0 { source.cacheType = "" }
    if set & 32 != 0 { source.tokenizer = "plug-in" }
    if set & 64 != 0 { source.refusesLinks = true }
    if set & 128 != 0 { source.ownTemplate = "default" }
    if set & 256 != 0 { source.fileState = "1:2:3" }
    if set & 512 != 0 { source.tokenizerRefusesLinks = true }
    #expect(try ModelSource(WorkerLoadRequest(source)) == source)
  }

  @Test("A source without a path, or with more cache than there are addresses, names its field")
  func badSource() {
    let path = #expect(throws: WorkbenchError.self) { _ = try ModelSource(ProtoLoadModelRequest()) }
    #expect(path?.field == "path")
    var request = ProtoLoadModelRequest.with { $0.path = "a" }
    request.cacheBytes = .max
    let cache = #expect(throws: WorkbenchError.self) { _ = try ModelSource(request) }
    #expect(cache?.kind == .outOfRange && cache?.field == "cache_bytes")
  }

  @Test(
    "A template of every origin",
    arguments: [TemplateSource.Origin.builtIn, .checkpoint, .plugin, .library, .client, .request])
  func template(origin: TemplateSource.Origin) throws {
    for addsBOS in [false, true] {
      var template = TemplateSource(
        name: "a@b", source: "x\n{{ y }}", stop: ["", "<e>"], origin: origin, summary: "s")
      template.addsBOS = addsBOS
      template.version = 42
      #expect(try TemplateSource(WorkerTemplateSource(template)) == template)
    }
  }

  @Test("A template of an unknown origin is a defect") func unknownOrigin() {
    let error = #expect(throws: WorkbenchError.self) {
      _ = try TemplateSource(WorkerTemplateSource.with { $0.origin = "mars" })
    }
    #expect(error?.kind == .internal)
  }

  @Test("A report of findings with and without a place") func report() throws {
    let place = TemplateFinding.Place(line: 3, column: 1, excerpt: "x\n^")
    let findings = TemplateFinding.Severity.allCases.flatMap { severity in
      [nil, place].map { TemplateFinding(severity, rule: "r", "m", place: $0) }
    }
    let report = TemplateReport(summary: "s", stop: ["a"], findings: findings)
    #expect(try TemplateReport(WorkerCheckedTemplate(report)) == report)
    let unspecified = WorkerCheckedTemplate.with { $0.findings = [.init()] }
    #expect(throws: WorkbenchError.self) { _ = try TemplateReport(unspecified) }
  }

  @Test("A preset with every kind of setting") func preset() throws {
    var settings = SamplerSettings()
    settings.temperature = 0.75
    settings.topK = 50
    settings.topP = 0.95
    settings.logitBias = [TokenBias(token: TokenID(rawValue: 5), bias: -1.5)]
    settings.seed = .max
    settings.profile = "transformers"
    settings.sequenceBreakers = ["\n", ":"]
    let preset = SamplerPreset(name: "p", settings: settings, origin: .plugin)
    #expect(try SamplerPreset(WorkerPreset(preset)) == preset)
    var chain = SamplerSettings()
    chain.chain = [.init("top_k", ["top_k": .integer(40)]), .init("temperature")]
    let staged = SamplerPreset(name: "c", settings: chain, origin: .plugin)
    #expect(try SamplerPreset(WorkerPreset(staged)) == staged)
  }

  @Test("A float that a client sends is the decimal that it typed", arguments: [0.1, 0.7, 0.95, 0.05, 1, 0])
  func decimals(value: Double) throws {
    let settings = try SamplerSettings(ProtoSamplerSettings.with { $0.topP = Float(value) })
    #expect(settings.topP == value)
  }

  @Test("A setting that nobody knows, and a token id that cannot be one, name their field") func badSettings()
  {
    let unknown = #expect(throws: WorkbenchError.self) {
      _ = try SamplerSettings(ProtoSamplerSettings.with { $0.other = ["temprature": 1] })
    }
    #expect(unknown?.kind == .invalidArgument)
    let bias = #expect(throws: WorkbenchError.self) {
      _ = try SamplerSettings(ProtoSamplerSettings.with { $0.logitBias = [1 << 31: 1] })
    }
    #expect(bias?.field == "options.sampling.logit_bias")
  }

  @Test("Token ids end where Int32 does") func tokenIDs() throws {
    #expect(try TokenID(checked: 0, field: "ids").rawValue == 0)
    #expect(try TokenID(checked: UInt32(Int32.max), field: "ids").rawValue == .max)
    let error = #expect(throws: WorkbenchError.self) { _ = try TokenID(checked: 1 << 31, field: "ids") }
    #expect(error?.field == "ids")
  }

  @Test("A plugin's stage with numbers and whole numbers") func stages() {
    let stage = StageDescriptor(
      name: "mark", summary: "s",
      parameters: [
        ParameterDescriptor(name: "a", kind: .number(-0.5...2), default: .number(1), meaning: "m"),
        ParameterDescriptor(name: "b", kind: .integer(0...100), default: .integer(3), meaning: "n"),
      ], origin: "plug-in")
    #expect(StageDescriptor(ProtoSampler(stage)) == stage)
    // A range from a plugin may be upside down; it is read without trapping.
    var message = ProtoSampler(stage)
    message.parameters[0].minimum = 9
    message.parameters[1].minimum = .infinity
    _ = StageDescriptor(message)
  }

  @Test("A worker's status with what its plugins did") func status() throws {
    var use = PluginUse(kind: "sampler", name: "mark")
    use.calls = .max
    use.nanoseconds = 5
    use.longestNanoseconds = 4
    use.faults = 3
    use.lastFault = "f"
    use.disabled = "d"
    let response = WorkerStatusResponse.with {
      $0.engine.steps = 9
      $0.residentBytes = .max
      $0.plugins = [WorkerPluginUse(use)]
    }
    let status = try WorkerStatus(response)
    #expect(status.plugins == [use] && status.residentBytes == .max)
    #expect(try ProtoEngineStatus(serializedBytes: status.engine.bytes).steps == 9)
  }

  @Test("A loaded model's description is passed on unread, with what the daemon needs beside it")
  func loaded() throws {
    let message = WorkerLoadedModel.with {
      $0.description_p.model.title = "t"
      $0.description_p.model.tokenizer = "gpt2"
      $0.description_p.model.vocabularySize = 12
      $0.description_p.metadata = ["k": "v"]
      $0.fileState = "1:2"
      $0.templates = [WorkerTemplateSource(TemplateSource(name: "default", source: "x", origin: .checkpoint))]
    }
    let model = try LoadedModel(message)
    #expect(model.title == "t" && model.tokenizer == "gpt2" && model.vocabularySize == 12)
    #expect(model.fileState == "1:2")
    #expect(model.templates.map(\.name) == ["default"])
    #expect(try ProtoGetModelResponse(serializedBytes: model.description.bytes) == message.description_p)
  }

  @Test("A relayed request holds the request's own bytes, for each call") func jobs() throws {
    let request = ProtoTokenizeRequest.with { $0.model = "m" }
    let message = try EncodedMessage(request)
    for call in WorkerCall.allCases {
      let job = WorkerJob(RelayedRequest(call, message))
      #expect([UInt8](job.request) == message.bytes && !job.hasTemplate && !job.hasPreset)
      #expect(try job.decoded(ProtoTokenizeRequest.self) == request)
      #expect(!job.refuseLinks && WorkerJob(RelayedRequest(call, message, refusesLinks: true)).refuseLinks)
      #expect(call.relayed.path == "/workbench.worker.v1.Worker/\(call.rawValue)")
      #expect((call.kind == .serverStreaming) == [.chat, .generate, .score, .convert].contains(call))
    }
    let damaged = WorkerJob.with { $0.request = Data([0xff, 0xff]) }
    #expect(throws: (any Error).self) { _ = try damaged.decoded(ProtoTokenizeRequest.self) }
  }

  @Test("This process's memory is known") func memory() {
    #expect(ProcessMemory.residentBytes() > 1 << 20)
  }
}
