import Foundation
import Pipeline
import Sampling
import SwiftProtobuf
import Tokens
import WorkbenchAPI
import WorkerProtocol

extension ProtoGenerationResponse {
  init(_ event: GenerationEvent) {
    self.init()
    switch event {
    case .start(let value): start = ProtoGenerationStart(value)
    case .chunk(let chunk):
      tokens = chunk.tokens.map { ProtoGeneratedToken($0) }
      text = chunk.text
      prompt = chunk.prompt.map { ProtoScoredToken($0) }
    case .finish(let value): finish = ProtoGenerationFinish(value)
    }
  }
}

extension ProtoGenerationStart {
  init(_ start: GenerationStart) {
    self.init()
    model = start.model
    template = start.template
    templateVersion = UInt32(clamping: start.templateVersion)
    profile = start.profile
    promptTokens = UInt32(clamping: start.promptTokens)
    seed = start.seed
  }
}

extension ProtoGeneratedToken {
  init(_ token: GeneratedToken) {
    self.init()
    id = UInt32(bitPattern: token.id.rawValue)
    bytes = .init(token.bytes)
    special = token.isSpecial
    if let value = token.logprob { logprob = value }
    alternatives = token.alternatives.map { ProtoTokenAlternative($0) }
    if let value = token.trace { trace = ProtoSamplingTrace(value) }
  }
}

extension ProtoTokenAlternative {
  init(_ alternative: GeneratedToken.Alternative) {
    self.init()
    id = UInt32(bitPattern: alternative.id.rawValue)
    bytes = .init(alternative.bytes)
    logprob = alternative.logprob
  }
}

extension ProtoGenerationFinish {
  init(_ finish: GenerationFinish) {
    self.init()
    reason = ProtoFinishReason(finish.reason)
    rule = finish.rule
    promptTokens = UInt32(clamping: finish.promptTokens)
    cachedTokens = UInt32(clamping: finish.cachedTokens)
    generatedTokens = UInt32(clamping: finish.generatedTokens)
    timings.queue = Google_Protobuf_Duration(finish.queue)
    timings.prefill = Google_Protobuf_Duration(finish.prefill)
    timings.decode = Google_Protobuf_Duration(finish.decode)
    settings = finish.settings.map { setting in
      var message = ProtoEffectiveSetting()
      message.name = setting.name
      message.value = setting.value
      message.source = ProtoSettingSource(setting.source)
      message.sourceName = setting.sourceName
      return message
    }
    if let value = finish.trace { trace = ProtoSamplingTrace(value) }
  }
}

extension ProtoFinishReason {
  fileprivate init(_ reason: GenerationFinish.Reason) {
    self =
      switch reason {
      case .end: .end
      case .stop: .stop
      case .maxTokens: .maxTokens
      case .contextFull: .contextFull
      }
  }
}

extension ProtoSettingSource {
  fileprivate init(_ source: SettingSource) {
    self =
      switch source {
      case .request: .request
      case .preset: .preset
      case .profile: .profile
      case .template: .template
      case .model: .model
      case .defaults: .default
      }
  }
}
