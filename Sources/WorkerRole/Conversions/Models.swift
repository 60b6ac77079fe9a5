import Foundation
import Pipeline
import Runtime
import Tokens
import WorkbenchAPI
import WorkerProtocol

extension WorkerLoadedModel {
  /// The description of this worker's model, for the daemon.
  init(_ description: ModelDescription) {
    self.init()
    description_p.model = ProtoModel(description)
    description_p.metadata = description.metadata
    fileState = description.fileState
    templates = description.templates.map { WorkerTemplateSource($0) }
  }
}

extension ProtoModel {
  fileprivate init(_ description: ModelDescription) {
    self.init()
    title = description.title
    architecture = description.architecture
    quantization = description.quantization
    quantizedFrom = description.quantizedFrom
    parameterCount = UInt64(clamping: description.parameterCount)
    fileBytes = UInt64(clamping: description.fileBytes)
    weightBytes = UInt64(clamping: description.weightBytes)
    cacheBytes = UInt64(clamping: description.cacheBytes)
    cacheType = description.cacheType
    contextLength = UInt32(clamping: description.contextLength)
    trainedContextLength = UInt32(clamping: description.trainedContextLength)
    vocabularySize = UInt32(clamping: description.vocabularySize)
    embeddingLength = UInt32(clamping: description.embeddingLength)
    layerCount = UInt32(clamping: description.layerCount)
    tokenizer = description.tokenizer
    threads = UInt32(clamping: description.threads)
    ownTemplates = description.templates.map(\.name)
    var room = Limits.describedBytes
    let ends = description.endTokens.prefix { token in
      room -= token.piece.count + 8
      return room >= 0
    }
    endTokens = ends.map { token in
      var message = ProtoEndToken()
      message.id = UInt32(bitPattern: token.id.rawValue)
      message.piece = .init(token.piece)
      return message
    }
    setAside = (description.setAside + description.setAsideByTokenizer).shortened()
  }
}

extension [String] {
  /// Those that fit `Limits.describedBytes`, and how many do not.
  fileprivate func shortened() -> [String] {
    var room = Limits.describedBytes
    let fitting = prefix { text in
      room -= text.utf8.count
      return room >= 0
    }
    return fitting.count == count ? self : fitting + ["\(count - fitting.count) more are not listed"]
  }
}

extension ProtoEngineStatus {
  init(_ status: EngineStatus) {
    self.init()
    activeSequences = UInt32(clamping: status.active)
    waitingSequences = UInt32(clamping: status.waiting)
    generatedTokens = UInt64(clamping: status.generatedTokens)
    prefilledTokens = UInt64(clamping: status.prefilledTokens)
    reusedTokens = UInt64(clamping: status.reusedTokens)
    cacheUsed = UInt64(clamping: status.cacheUsed)
    cacheCapacity = UInt64(clamping: status.cacheCapacity)
    steps = UInt64(clamping: status.steps)
  }
}
