import Synchronization

/// The files that a child may have opened for it: those named in the calls that it is working on.
final class AllowedFiles: Sendable {
  /// Each path with the number of calls that name it.
  private let paths = Mutex<[String: Int]>([:])

  /// No file.
  init() {}

  /// Allows the files at `named`, and what belongs to them, until `body` has returned.
  func during<T>(_ named: [String], _ body: () async throws -> T) async rethrows -> T {
    paths.withLock { paths in for path in named { paths[path, default: 0] += 1 } }
    defer {
      paths.withLock { paths in
        for path in named {
          paths[path, default: 1] -= 1
          if paths[path] == 0 { paths[path] = nil }
        }
      }
    }
    return try await body()
  }

  /// Whether a file is one of those that are allowed now, lies directly in such a folder, or belongs to such a file.
  func allows(_ path: String) -> Bool {
    let place = Self.split(path)
    return paths.withLock { paths in
      if paths[path] != nil || paths[place.folder] != nil || paths[place.folder + "/"] != nil { return true }
      return paths.keys.contains { allowed in
        let other = Self.split(allowed)
        guard other.folder == place.folder else { return false }
        return Self.companions.contains(place.name) || Self.areParts(place.name, other.name)
      }
    }
  }

  /// Files that a tokenizer's file has beside it.
  private static let companions: Set = ["tokenizer_config.json", "special_tokens_map.json"]

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return ("", path) }
    return (String(path[..<slash]), String(path[path.index(after: slash)...]))
  }

  /// Whether two names are those of parts of one split model, such as `m-00001-of-00003.gguf`.
  private static func areParts(_ one: String, _ other: String) -> Bool {
    guard let one = part(one), let other = part(other) else { return false }
    return one == other
  }

  /// The name without its part number; nil if it is not that of a part.
  private static func part(_ name: String) -> String? {
    let suffix = Array("-00000-of-00000.gguf".utf8)
    var bytes = Array(name.utf8)
    guard bytes.count > suffix.count else { return nil }
    let start = bytes.count - suffix.count
    for (index, expected) in suffix.enumerated() {
      let byte = bytes[start + index]
      let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
      guard expected == UInt8(ascii: "0") ? isDigit : byte == expected else { return nil }
    }
    bytes.replaceSubrange(start + 1..<start + 6, with: [])
    return String(decoding: bytes, as: UTF8.self)
  }
}
