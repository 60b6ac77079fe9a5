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
