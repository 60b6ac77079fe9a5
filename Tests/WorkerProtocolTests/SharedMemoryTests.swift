import CLinux
import Glibc
import Testing

@Suite struct SharedMemoryTests {
  @Test("Shared memory is zero, of the size asked for, and shared by descriptors")
  func sharedMemory() throws {
    let descriptor = clinux_memory_create("test", 8192)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var status = stat()
    #expect(fstat(descriptor, &status) == 0 && status.st_size == 8192)
    #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
    var bytes = [UInt8](repeating: 1, count: 8192)
    #expect(pread(descriptor, &bytes, bytes.count, 0) == 8192 && bytes.allSatisfy { $0 == 0 })
    // A size beyond what any file can have.
    #expect(clinux_memory_create("test", -1) == -1)
  }
}
