import Units

/// The fields of a library file that decide whether this process can load it.
///
/// Source: System V ABI, "Object Files"; machine numbers from the registry of the gABI.
struct ELFHeader {
  /// Bytes of the header, at the beginning of the file.
  static let headerBytes = 64
  private static let entryBytes = 56

  /// Where the segment table is in the file, in bytes from the beginning.
  let segmentOffset: Int
  /// How many entries the segment table has.
  let segmentCount: Int

  /// The size of the segment table in bytes.
  var segmentBytes: Int { segmentCount * Self.entryBytes }

  /// Checks class, byte order, machine and type; `bytes` are the first ones of a file of `fileBytes`.
  ///
  /// - Throws: `PluginError` of kind `format` or `machine`.
  init(_ bytes: [UInt8], fileBytes: Int, path: String) throws(PluginError) {
    guard bytes.count >= 4, bytes[..<4] == [0x7F, 0x45, 0x4C, 0x46] else {
      throw PluginError(.format, path, "not a shared library: it does not start with an ELF header")
    }
    guard bytes.count >= Self.headerBytes else {
      throw PluginError(
        .format, path, "cut short: it ends after \(counted(bytes.count, "byte")), inside its header")
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
      throw PluginError(.format, path, "damaged: its segment table is not inside the file")
    }
    segmentOffset = offset
    segmentCount = count
  }

  /// Checks that every segment to be mapped is inside the file: reading beyond its end would end this process.
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
          .format, path,
          "cut short: segment \(index) continues beyond the end of the file at byte \(fileBytes)")
      }
    }
  }

  /// A number of `size` bytes; negative if all 64 bits are used and the top one is set.
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
