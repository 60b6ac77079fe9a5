import CWorkbenchPlugin
import Glibc
import Units

/// Reads a library's tables by the rules for versions and sizes; every text and count is checked.
struct ForeignReader {
  /// The library, for errors.
  let path: String

  /// Element `index` of an array of structs; fields that an older plugin's struct lacks stay as in `empty`.
  ///
  /// The distance between elements is the size that the first one states.
  func element<Struct>(
    _ index: Int, of array: UnsafeRawPointer, _ empty: Struct, least: Int, _ what: String
  ) throws(PluginError) -> Struct {
    let first = try header(array, least: least, what)
    let place = array + index * first
    let size = try header(place, least: least, what)
    guard size == first else {
      throw PluginError(
        .size, path,
        "\(what) \(index) has a size of \(counted(size, "byte")), but the first of its array has \(first)")
    }
    return read(place, size: size, empty)
  }

  /// The elements of an array of at most `Limits.offers` structs (of parameters too).
  func elements<Struct>(
    _ base: UnsafePointer<Struct>?, _ count: UInt32, _ empty: Struct, least: Int, _ what: String
  ) throws(PluginError) -> [Struct] {
    guard let array = try array(base, count, limit: Limits.offers, what + "s") else { return [] }
    var result: [Struct] = []
    for index in 0..<Int(count) { result.append(try element(index, of: array, empty, least: least, what)) }
    return result
  }

  /// A struct that states `size` bytes: what both sides know of; the rest stays as in `empty`.
  func read<Struct>(_ place: UnsafeRawPointer, size: Int, _ empty: Struct) -> Struct {
    var copy = empty
    withUnsafeMutableBytes(of: &copy) {
      $0.copyMemory(from: .init(start: place, count: min(size, $0.count)))
    }
    return copy
  }

  /// The size that a struct states, after a check of its alignment, version and size.
  private func header(_ place: UnsafeRawPointer, least: Int, _ what: String) throws(PluginError) -> Int {
    guard UInt(bitPattern: place) % UInt(MemoryLayout<UInt64>.alignment) == 0 else {
      throw PluginError(.size, path, "\(what) is not aligned to 8 bytes")
    }
    return try size(of: place.load(as: wb_header.self), least: least, what)
  }

  /// The size that a header states, after a check of version and size; `least` is the size in version 1.0.
  func size(of header: wb_header, least: Int, _ what: String) throws(PluginError) -> Int {
    let (major, minor) = (Int(WB_ABI_MAJOR), Int(WB_ABI_MINOR))
    guard header.major == major, header.minor <= minor else {
      throw PluginError(
        .version, path,
        "\(what) uses interface version \(header.major).\(header.minor); this host supports "
          + (minor == 0 ? "\(major).0" : "\(major).0 to \(major).\(minor)"))
    }
    let size = Int(header.size)
    guard size >= least, size <= Limits.structBytes, size % MemoryLayout<UInt64>.alignment == 0 else {
      throw PluginError(
        .size, path, "\(what) has a size of \(counted(size, "byte")); in version \(major).0 it is \(least)")
    }
    return size
  }

  /// The first element of an array of at most `limit`; nil if it is empty.
  func array<Element>(
    _ base: UnsafePointer<Element>?, _ count: UInt32, limit: Int, _ what: String
  ) throws(PluginError) -> UnsafePointer<Element>? {
    guard count > 0 else { return nil }
    guard count <= limit else {
      throw PluginError(.count, path, "\(count) \(what); the limit is \(limit)")
    }
    guard let base else { throw PluginError(.count, path, "\(count) \(what), but their array is null") }
    return base
  }

  /// A text of 1 to `limit` bytes.
  func text(_ text: UnsafePointer<CChar>?, _ what: String, limit: Int) throws(PluginError) -> String {
    guard let text else { throw PluginError(.text, path, "\(what) is missing") }
    let length = strnlen(text, limit + 1)
    guard length > 0 else { throw PluginError(.text, path, "\(what) is empty") }
    guard length <= limit else { throw PluginError(.text, path, "\(what) is longer than \(limit) bytes") }
    let bytes = UnsafeBufferPointer(start: text, count: length).map { UInt8(bitPattern: $0) }
    guard let valid = String(validating: bytes, as: UTF8.self) else {
      throw PluginError(.text, path, "\(what) is not valid UTF-8")
    }
    return valid
  }

  /// A text without line breaks and other control characters.
  func line(
    _ text: UnsafePointer<CChar>?, _ what: String, limit: Int = Limits.summaryBytes
  ) throws(PluginError) -> String {
    let line = try self.text(text, what, limit: limit)
    guard printable(line) == line else {
      throw PluginError(.text, path, "\(what) contains a control character")
    }
    return line
  }

  /// A name of letters, digits, '_', '-' and '.'.
  func name(_ text: UnsafePointer<CChar>?, _ what: String) throws(PluginError) -> String {
    let name = try line(text, what, limit: Limits.nameBytes)
    let isPlain = name.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
    }
    guard isPlain else {
      throw PluginError(
        .text, path, "\(what) is '\(name)'; only letters, digits, '_', '-' and '.' are allowed")
    }
    return name
  }

  /// A function that is required, always or by a flag.
  @discardableResult
  func function<Function>(
    _ function: Function?, _ what: String, requiredBy flag: String? = nil
  ) throws(PluginError) -> Function {
    guard let function else {
      throw PluginError(.function, path, "\(what) is null" + (flag.map { ", but \($0) requires it" } ?? ""))
    }
    return function
  }

  /// Refuses flags that this version of the interface does not define.
  func checkFlags(_ flags: Int, known: Int, _ what: String) throws(PluginError) {
    guard flags & ~known == 0 else {
      let unknown = "0x" + String(flags & ~known, radix: 16)
      throw PluginError(.count, path, "\(what) has the unknown flags \(unknown)")
    }
  }

  /// Refuses two things with the same name.
  func checkUnique(_ names: [String], _ what: String) throws(PluginError) {
    var seen: Set<String> = []
    for name in names where !seen.insert(name).inserted {
      throw PluginError(.duplicate, path, "two \(what) are named '\(name)'")
    }
  }
}
