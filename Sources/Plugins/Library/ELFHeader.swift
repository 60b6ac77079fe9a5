/// The few facts of a library file that decide whether this process may load it.
///
/// Source: System V ABI, "Object Files"; machine numbers from the registry of the gABI.
struct ELFHeader {
  /// Bytes to read from the beginning of the file; the program headers stand right behind the header.
  static let headerBytes = 64
  private static let entryBytes = 56

  /// Where the table of segments stands in the file, and how many entries it has.
  let segmentOffset: Int
  let segmentCount: Int

  /// Bytes of the segment table.
  var segmentBytes: Int { segmentCount * Self.entryBytes }

  /// Checks class, byte order, type and machine; `bytes` are the first of a file of `fileBytes`.
  init(_ bytes: [UInt8], fileBytes: Int, path: String) throws(PluginError) {
    guard bytes.count >= 4, bytes[..<4] == [0x7F, 0x45, 0x4C, 0x46] else {
      throw PluginError(.format, path, "not a shared library (it does not begin as an ELF file does)")
    }
    guard bytes.count >= Self.headerBytes else {
      throw PluginError(.format, path, "a library that ends after \(bytes.count) bytes, inside its header")
    }
    guard bytes[4] == 2 else {
      throw PluginError(.machine, path, "a 32-bit library; this process is 64-bit")
    }
    let isBigEndian = bytes[5] == 2
    let machine = Self.number(bytes, at: 18, size: 2, isBigEndian: isBigEndian)
    guard machine == Self.ownMachine, !isBigEndian else {
      throw PluginError(
        .machine, path,
        "built for \(Self.name(of: machine)); this machine is \(Self.name(of: Self.ownMachine))")
    }
    let type = Self.number(bytes, at: 16, size: 2)
    guard type == 3 else {
      let found = [1: "an object file (.o)", 2: "a program", 4: "a core dump"][type] ?? "of type \(type)"
      throw PluginError(.format, path, "\(found), not a shared library; link with -shared")
    }
    let entry = Self.number(bytes, at: 54, size: 2)
    let count = Self.number(bytes, at: 56, size: 2)
    let offset = Self.number(bytes, at: 32, size: 8)
    guard entry == Self.entryBytes, (1...Limits.programHeaders).contains(count), offset >= Self.headerBytes,
      offset <= fileBytes, fileBytes - offset >= count * Self.entryBytes
    else {
      throw PluginError(.format, path, "a library whose table of segments lies outside of the file")
    }
    segmentOffset = offset
    segmentCount = count
  }

  /// Checks that every segment that will be mapped lies inside the file: a read behind its end would kill us.
  func check(segments: [UInt8], fileBytes: Int, path: String) throws(PluginError) {
    for index in 0..<segmentCount {
      let start = index * Self.entryBytes
      guard start + Self.entryBytes <= segments.count else { break }
      let type = Self.number(segments, at: start, size: 4)
      guard type == 1 || type == 2 else { continue }
      let offset = Self.number(segments, at: start + 8, size: 8)
      let size = Self.number(segments, at: start + 32, size: 8)
      guard offset >= 0, size >= 0, offset <= fileBytes, size <= fileBytes - offset else {
        throw PluginError(
          .format, path, "truncated: segment \(index) reaches beyond the \(fileBytes) bytes of the file")
      }
    }
  }

  /// A number in the file; negative when it has the top bit of 64 set.
  private static func number(_ bytes: [UInt8], at offset: Int, size: Int, isBigEndian: Bool = false) -> Int {
    var value: UInt64 = 0
    for place in 0..<size {
      let byte = UInt64(bytes[offset + place])
      value |= byte << UInt64(8 * (isBigEndian ? size - 1 - place : place))
    }
    return Int(truncatingIfNeeded: value)
  }

  private static var ownMachine: Int {
    #if arch(x86_64)
      62
    #elseif arch(arm64)
      183
    #else
      0
    #endif
  }

  private static func name(of machine: Int) -> String {
    let names = [
      3: "i386", 8: "MIPS", 21: "ppc64", 22: "s390", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "RISC-V",
      258: "LoongArch",
    ]
    return names[machine] ?? "machine \(machine)"
  }
}
