import CWorkbenchPlugin
import Glibc

/// Reads what a library's tables say, by the rules of versions and sizes; every text and count is checked.
struct ForeignReader {
  let path: String

  /// Element `index` of an array of structs; what an older plugin's struct lacks stays as in `empty`.
  ///
  /// The elements are as far apart as the first one states.
  func element<Struct>(
    _ index: Int, of array: UnsafeRawPointer, _ empty: Struct, _ what: String
  ) throws(PluginError) -> Struct {
    let first = try header(array, least: MemoryLayout<Struct>.size, what)
    let place = array + index * first
    let size = try header(place, least: MemoryLayout<Struct>.size, what)
    guard size == first else {
      throw PluginError(
        .size, path, "\(what) \(index) states \(size) bytes where the first of its array states \(first)")
    }
    var copy = empty
    withUnsafeMutableBytes(of: &copy) { $0.copyMemory(from: .init(start: place, count: $0.count)) }
    return copy
  }

  /// The size that a struct states, once its version and that size are possible.
  private func header(_ place: UnsafeRawPointer, least: Int, _ what: String) throws(PluginError) -> Int {
    guard UInt(bitPattern: place) % UInt(MemoryLayout<UInt64>.alignment) == 0 else {
      throw PluginError(.size, path, "\(what) is not aligned to 8 bytes")
    }
    return try size(of: place.load(as: wb_header.self), least: least, what)
  }

  /// Checks version and size of a struct.
  func size(of header: wb_header, least: Int, _ what: String) throws(PluginError) -> Int {
    let (major, minor) = (Int(WB_ABI_MAJOR), Int(WB_ABI_MINOR))
    guard header.major == major, header.minor <= minor else {
      throw PluginError(
        .version, path,
        "\(what) is of interface version \(header.major).\(header.minor); this host takes "
          + (minor == 0 ? "\(major).0" : "\(major).0 to \(major).\(minor)"))
    }
    let size = Int(header.size)
    guard size >= least, size <= Limits.structBytes, size % MemoryLayout<UInt64>.alignment == 0 else {
      throw PluginError(
        .size, path, "\(what) states a size of \(size) bytes; version \(major).\(minor) has \(least)")
    }
    return size
  }

  /// The base of an array and its count, once both are possible; nil for an empty one.
  func array<Element>(
    _ base: UnsafePointer<Element>?, _ count: UInt32, limit: Int, _ what: String
  ) throws(PluginError) -> UnsafePointer<Element>? {
    guard count > 0 else { return nil }
    guard count <= limit else {
      throw PluginError(.count, path, "\(count) \(what); at most \(limit) are possible")
    }
    guard let base else { throw PluginError(.count, path, "\(count) \(what), but their array is null") }
    return base
  }

  /// A text of 1 to `limit` bytes.
  func text(_ text: UnsafePointer<CChar>?, _ what: String, limit: Int) throws(PluginError) -> String {
    guard let text else { throw PluginError(.text, path, "\(what): a text is missing") }
    let length = strnlen(text, limit + 1)
    guard length > 0 else { throw PluginError(.text, path, "\(what): an empty text") }
    guard length <= limit else { throw PluginError(.text, path, "\(what): more than \(limit) bytes") }
    let bytes = UnsafeBufferPointer(start: text, count: length).map { UInt8(bitPattern: $0) }
    guard let valid = String(validating: bytes, as: UTF8.self) else {
      throw PluginError(.text, path, "\(what): not UTF-8")
    }
    return valid
  }

  /// A line of text.
  func line(
    _ text: UnsafePointer<CChar>?, _ what: String, limit: Int = Limits.summaryBytes
  ) throws(PluginError) -> String {
    let line = try self.text(text, what, limit: limit)
    guard printable(line) == line else { throw PluginError(.text, path, "\(what): a control character") }
    return line
  }

  /// A name: letters, digits, '_', '-' and '.'.
  func name(_ text: UnsafePointer<CChar>?, _ what: String) throws(PluginError) -> String {
    let name = try line(text, what, limit: Limits.nameBytes)
    let isPlain = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
    guard isPlain else {
      throw PluginError(
        .text, path, "\(what): '\(name)'; letters, digits, '_', '-' and '.' are possible")
    }
    return name
  }

  /// A function that must be there.
  func function<Function>(_ function: Function?, _ what: String) throws(PluginError) -> Function {
    guard let function else { throw PluginError(.function, path, "\(what) is null") }
    return function
  }

  /// Refuses a second thing of one name.
  func checkUnique(_ names: [String], _ what: String) throws(PluginError) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw PluginError(.duplicate, path, "two \(what) are called '\(name)'")
    }
  }
}
