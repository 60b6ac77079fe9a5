import Foundation
import Pipeline
import Tokens
import WorkbenchAPI
import WorkerProtocol

extension ProtoTextToken {
  init(_ token: TextToken) {
    self.init()
    id = UInt32(bitPattern: token.id.rawValue)
    piece = .init(token.piece)
    begin = UInt32(clamping: token.range.lowerBound)
    end = UInt32(clamping: token.range.upperBound)
    special = token.isSpecial
  }
}

extension ProtoTokenizeResponse {
  init(_ tokens: [TextToken]) {
    self.init()
    self.tokens = tokens.map { ProtoTextToken($0) }
  }
}

extension ProtoDetokenizeResponse {
  init(_ decoded: DecodedText) {
    self.init()
    bytes = .init(decoded.bytes)
    text = decoded.text
  }
}

extension ProtoCompareTokenizersResponse {
  init(_ report: TokenizerReport) {
    self.init()
    bytes = UInt64(clamping: report.bytes)
    bytesByScript = report.bytesByScript.mapValues { UInt64(clamping: $0) }
    lines = UInt64(clamping: report.lines)
    sameLines = UInt64(clamping: report.sameLines)
    left = ProtoComparedTokenizer(report.left)
    right = ProtoComparedTokenizer(report.right)
  }
}

extension ProtoComparedTokenizer {
  fileprivate init(_ side: TokenizerReport.Side) {
    self.init()
    name = side.name
    vocabularySize = UInt64(clamping: side.vocabularySize)
    tokens = UInt64(clamping: side.tokens)
    tokensByScript = side.tokensByScript.mapValues { UInt64(clamping: $0) }
    refusals = UInt64(clamping: side.refusals)
    roundTripFailures = UInt64(clamping: side.roundTripFailures)
    firstFailure = UInt64(clamping: side.firstFailure)
    bytesPerSecond = side.bytesPerSecond
  }
}
