import Runtime
import SwiftProtobuf

/// Cuts a list into replies that every client takes.
///
/// A page begins after a number of items, so what is added or removed between two pages may be listed twice or not at
/// all, as it may be in two lists.
struct ReplyPages {
  /// Size of the items in a reply; with what else is in it, it stays below the 4 MiB that clients of gRPC take unless
  /// they are told otherwise.
  static let bytes = 3 << 20

  /// Where the next page begins; empty after the last item.
  private(set) var nextToken = ""
  private let first: Int
  private var position = 0
  private var bytes = 0

  /// - Parameter token: Of the page before; empty for the first one.
  /// - Throws: `WorkbenchError` if it is not such a token.
  init(from token: String) throws {
    guard token.isEmpty || Int(token).map({ $0 > 0 }) == true, let first = Int(token.isEmpty ? "0" : token)
    else {
      throw WorkbenchError(
        .invalidArgument, "the page token is not one of an earlier response", field: "page_token")
    }
    self.first = first
  }

  /// Those of `items`, which follow the ones that were given before, that are on this page.
  mutating func take<Item: Message>(_ items: [Item]) throws -> [Item] {
    var taken: [Item] = []
    for item in items where nextToken.isEmpty {
      if position >= first {
        let size = (try item.serializedBytes() as [UInt8]).count
        // One item is always taken: a page without any would never end.
        if bytes > 0, bytes + size > Self.bytes {
          nextToken = "\(position)"
          break
        }
        bytes += size
        taken.append(item)
      }
      position += 1
    }
    return taken
  }
}
