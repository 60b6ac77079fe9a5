import Glibc
import Testing

@testable import ProcessStart

@Suite("What a program needs of the system") struct ResourceNeedsTests {
  private func needs(descriptors: Int = 1, threads: Int = 1, bytes: Int = 1 << 20) -> ResourceNeeds {
    ResourceNeeds(descriptors: descriptors, threads: threads, addressSpaceBytes: bytes)
  }

  @Test("What is granted is given back, however often it is asked for")
  func granted() throws {
    for _ in 0..<50 { try needs(descriptors: 100, threads: 20, bytes: 1 << 30).check() }
  }

  @Test(
    "What is not granted is an error that names the program, the need and a way out",
    arguments: [
      (1 << 24, 1, 1 << 20, ["file descriptors", "only", "ulimit -n"]),
      (1, 1, 1 << 60, ["MiB of address space", "ulimit -v"]),
    ])
  func refused(descriptors: Int, threads: Int, bytes: Int, words: [String]) {
    let error = #expect(throws: ResourceError.self) {
      try needs(descriptors: descriptors, threads: threads, bytes: bytes).check()
    }
    let text = error?.description ?? ""
    #expect(text.hasPrefix("needs ") && words.allSatisfy { text.contains($0) }, "\(text)")
  }
}
