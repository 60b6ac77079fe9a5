import Glibc
import Plugins
import Testing

@Suite("A file is looked at before the loader sees it") struct FileTests {
  private func refusal(_ path: String) -> PluginError? {
    do throws(PluginError) {
      _ = try PluginLibrary.open(path)
      return nil
    } catch {
      return error
    }
  }

  private func changed(_ name: String, _ change: (inout [UInt8]) -> Void) throws -> String {
    var bytes = Libraries.read(try Libraries.inService.get())
    change(&bytes)
    let path = "\(Libraries.folder)/\(name)"
    try Libraries.write(bytes, path)
    return path
  }

  @Test("What is no library is refused for what it is") func refusesOtherFiles() throws {
    let folder = Libraries.folder
    #expect(refusal("\(folder)/absent.so")?.reason == "No such file or directory")
    #expect(refusal(folder)?.reason == "not a regular file")
    #expect(mkfifo("\(folder)/pipe.so", 0o600) == 0)
    #expect(refusal("\(folder)/pipe.so")?.reason == "not a regular file")
    #expect(refusal("/dev/zero")?.reason == "not a regular file")
    try Libraries.write([], "\(folder)/empty.so")
    #expect(refusal("\(folder)/empty.so")?.kind == .format)
    try Libraries.write(Array("#!/bin/sh\nexit 0\n".utf8), "\(folder)/script.so")
    #expect(
      refusal("\(folder)/script.so")?.reason
        == "not a shared library: it does not start with an ELF header")
    #expect(refusal("/proc/self/exe")?.kind != nil)
  }

  @Test("A library that everyone may change is refused") func refusesWorldWritable() throws {
    let path = try changed("open.so") { _ in }
    chmod(path, 0o666)
    #expect(refusal(path)?.reason == "anyone on this machine can change it; run 'chmod o-w' on it")
  }

  @Test("A library of another machine is refused by name") func refusesOtherMachines() throws {
    #if arch(x86_64)
      let (other, number, own): (String, UInt8, String) = ("aarch64", 183, "x86_64")
    #else
      let (other, number, own): (String, UInt8, String) = ("x86_64", 62, "aarch64")
    #endif
    let foreign = try changed("foreign.so") { $0[18] = number }
    #expect(refusal(foreign)?.reason == "built for \(other); this machine is \(own)")
    let narrow = try changed("narrow.so") { $0[4] = 1 }
    #expect(refusal(narrow)?.reason == "a 32-bit library; this process is 64-bit")
    let big = try changed("big.so") { ($0[5], $0[18], $0[19]) = (2, 0, 21) }
    #expect(refusal(big)?.reason == "built for ppc64; this machine is \(own)")
    let object = try changed("object.so") { $0[16] = 1 }
    #expect(refusal(object)?.reason == "an object file (.o), not a shared library; link with -shared")
  }

  @Test("A truncated library is refused at every length") func refusesTruncated() throws {
    let whole = Libraries.read(try Libraries.inService.get())
    let path = "\(Libraries.folder)/truncated.so"
    for length in [3, 4, 5, 63, 64, 65, 100, 500, 4000, 4097, 8192, 12000] where length < whole.count - 4000 {
      try Libraries.write(Array(whole[..<length]), path)
      let error = refusal(path)
      #expect(error?.kind == .format, "\(length): \(error.map { "\($0)" } ?? "accepted")")
    }
  }

  @Test("Any table of segments is answered") func survivesBadSegments() throws {
    for (place, value) in [(39, 0x80), (39, 0x7F), (54, 1), (56, 0), (57, 0xFF)] {
      let path = try changed("segments.so") { $0[place] = UInt8(value) }
      #expect(refusal(path)?.kind == .format, "byte \(place) = \(value)")
    }
    // Each segment in turn with a size that overflows.
    for segment in 0..<4 {
      let path = try changed("sizes.so") { bytes in
        for place in 0..<8 { bytes[64 + 56 * segment + 32 + place] = place == 7 ? 0x7F : 0xFF }
        (bytes[64 + 56 * segment], bytes[64 + 56 * segment + 1]) = (1, 0)
      }
      #expect(refusal(path)?.kind == .format, "segment \(segment)")
    }
  }

  @Test(
    "A library without the entry function, or with a missing dependency, is refused by the loader's words")
  func refusesIncompleteLibraries() throws {
    let symbol = refusal(try Libraries.compile("int nothing(void) { return 0; }", "no_symbol"))
    #expect(symbol?.kind == .symbol)
    #expect(symbol?.reason.hasPrefix("it does not export workbench_plugin_entry") == true)
    let loader = refusal(
      try Libraries.compile(
        "extern int absent_function(void); int call(void) { return absent_function(); }", "undefined"))
    #expect(loader?.kind == .loader)
    #expect(loader?.reason.contains("absent_function") == true)
  }
}
