import Foundation
import Runtime
import Tokens
import WorkbenchAPI

extension TokenID {
  /// An id that a request gave; whether the vocabulary has it is checked where the vocabulary is known.
  init(checked value: UInt32, field: String) throws {
    guard let value = Int32(exactly: value) else {
      throw WorkbenchError(
        .invalidArgument, "\(value) is no token id; ids are below 2147483648", field: field)
    }
    self.init(rawValue: value)
  }
}

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

extension TextToken {
  init(_ token: ProtoTextToken) throws {
    guard token.begin <= token.end else {
      throw WorkbenchError(.internal, "a token that ends before it begins")
    }
    self.init(
      id: TokenID(rawValue: Int32(bitPattern: token.id)), piece: [UInt8](token.piece),
      range: Int(token.begin)..<Int(token.end), isSpecial: token.special)
  }
}

extension ProtoTokenizeResponse {
  init(_ tokens: [TextToken]) {
    self.init()
    self.tokens = tokens.map { ProtoTextToken($0) }
  }
}

extension ProtoDetokenizeResponse {
  init(_ bytes: [UInt8]) {
    self.init()
    self.bytes = .init(bytes)
    text = String(decoding: bytes, as: UTF8.self)
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

extension TokenizerReport {
  init(_ response: ProtoCompareTokenizersResponse) {
    self.init()
    bytes = Int(clamping: response.bytes)
    bytesByScript = response.bytesByScript.mapValues { Int(clamping: $0) }
    lines = Int(clamping: response.lines)
    sameLines = Int(clamping: response.sameLines)
    left = Side(response.left)
    right = Side(response.right)
  }
}

extension TokenizerReport.Side {
  fileprivate init(_ side: ProtoComparedTokenizer) {
    self.init()
    name = side.name
    vocabularySize = Int(clamping: side.vocabularySize)
    tokens = Int(clamping: side.tokens)
    tokensByScript = side.tokensByScript.mapValues { Int(clamping: $0) }
    refusals = Int(clamping: side.refusals)
    roundTripFailures = Int(clamping: side.roundTripFailures)
    firstFailure = Int(clamping: side.firstFailure)
    bytesPerSecond = side.bytesPerSecond
  }
}
