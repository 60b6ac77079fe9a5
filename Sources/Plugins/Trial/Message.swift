/// A message between a trial and the process that holds the library, written field by field.
struct MessageWriter {
  /// What was written.
  private(set) var bytes: [UInt8] = []

  /// A request begins with its kind.
  init(_ request: LibraryRequest) { add(request.rawValue) }

  /// An empty answer.
  init() {}

  mutating func add(_ number: UInt64) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func add(_ number: Int) { add(UInt64(bitPattern: Int64(number))) }

  mutating func add(_ number: Int32) { add(Int(number)) }

  mutating func add(_ flag: Bool) { add(flag ? 1 : 0) }

  /// `count` bytes; none if `start` is null.
  mutating func add(_ start: UnsafeRawPointer?, count: Int) {
    guard let start else {
      add(0)
      return
    }
    add(count)
    bytes.append(contentsOf: UnsafeRawBufferPointer(start: start, count: count))
  }

  mutating func add(_ text: String) {
    add(text.utf8.count)
    bytes.append(contentsOf: text.utf8)
  }

  mutating func add(_ array: [UInt8]) {
    add(array.count)
    bytes += array
  }

  /// A text of a library that ends with a zero byte, which is not written.
  mutating func add(_ text: UnsafePointer<CChar>?) {
    guard let text else {
      add(0)
      return
    }
    var count = 0
    while text[count] != 0 { count += 1 }
    add(text, count: count)
  }
}

/// Reads a message field by field; every length is checked.
struct MessageReader {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  /// Whether everything was read.
  var isEmpty: Bool { rest.isEmpty }

  mutating func number() throws(LibraryEnd) -> UInt64 {
    guard rest.count >= 8 else { throw .incomprehensible }
    let value = rest.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    rest = rest.dropFirst(8)
    return value
  }

  mutating func int() throws(LibraryEnd) -> Int { Int(Int64(bitPattern: try number())) }

  mutating func int32() throws(LibraryEnd) -> Int32 {
    guard let value = Int32(exactly: try int()) else { throw .incomprehensible }
    return value
  }

  mutating func uint32() throws(LibraryEnd) -> UInt32 {
    guard let value = UInt32(exactly: try number()) else { throw .incomprehensible }
    return value
  }

  mutating func flag() throws(LibraryEnd) -> Bool { try number() != 0 }

  mutating func bytes() throws(LibraryEnd) -> ArraySlice<UInt8> {
    let count = try number()
    guard count <= UInt64(rest.count) else { throw .incomprehensible }
    defer { rest = rest.dropFirst(Int(count)) }
    return rest.prefix(Int(count))
  }

  mutating func text() throws(LibraryEnd) -> String { String(decoding: try bytes(), as: UTF8.self) }

  /// The number of items that follow, each of at least 8 bytes.
  mutating func count() throws(LibraryEnd) -> Int {
    let count = try number()
    guard count <= UInt64(rest.count / 8) else { throw .incomprehensible }
    return Int(count)
  }
}

/// What a trial asks of the process that holds the library.
enum LibraryRequest: UInt64 {
  /// Open the library and describe it; the first request.
  case open = 1
  /// The functions of the interface.
  case create, clone, apply, accept, reset, destroy, render, encode, decode
  /// How many bytes are allocated.
  case allocated
  /// What the library changed in its process.
  case changes
  /// End, through the exit handlers; there is no answer.
  case exit
}

/// How the process that holds a library ended, or why it was ended.
public enum LibraryEnd: Error, Sendable, Equatable {
  /// It ended by itself, with this status of `waitpid`.
  case ended(waitStatus: Int32)
  /// It did not answer in time.
  case hung
  /// It answered something that is no answer.
  case incomprehensible
}
