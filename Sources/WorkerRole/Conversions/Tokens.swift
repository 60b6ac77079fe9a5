import Concurrency
import Foundation
import Pipeline
import SwiftProtobuf
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
  /// The encoded response; after each part of it others may have their turn.
  ///
  /// Encoded messages one after another are the message with the elements of all of them.
  static func encoded(_ tokens: [TextToken]) throws -> [UInt8] {
    let boundary = WorkSlices.boundary
    var bytes: [UInt8] = []
    for start in stride(from: 0, to: tokens.count, by: Limits.tokensAtATime) {
      var part = ProtoTokenizeResponse()
      part.tokens = tokens[start..<min(start + Limits.tokensAtATime, tokens.count)].map { ProtoTextToken($0) }
      bytes += try part.serializedBytes() as [UInt8]
      if let boundary, !boundary() { throw CancellationError() }
    }
    return bytes
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
