import Concurrency
import Glibc
import Units

/// What a program needs of the system, checked before the libraries below it end the process for want of it.
public struct ResourceNeeds: Sendable {
  /// Descriptors beside those that are open.
  public var descriptors: Int
  /// Threads beside those that run.
  public var threads: Int
  /// Address space beside what is in use, in bytes.
  public var addressSpaceBytes: Int

  /// What a program needs.
  public init(descriptors: Int, threads: Int, addressSpaceBytes: Int) {
    self.descriptors = descriptors
    self.threads = threads
    self.addressSpaceBytes = addressSpaceBytes
  }

  /// Takes everything at once and gives it back.
  ///
  /// The limits alone do not say what is left of them: processes of the same user share that of threads, and a
  /// container has more limits than a process can read.
  ///
  /// - Throws: `ResourceError` for the first that is not granted.
  public func check() throws(ResourceError) {
    try checkDescriptors()
    try checkAddressSpace()
    try checkThreads()
  }

  private func checkDescriptors() throws(ResourceError) {
    var taken: [Int32] = []
    defer { for descriptor in taken { close(descriptor) } }
    while taken.count < descriptors {
      let descriptor = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)
      guard descriptor >= 0 else {
        throw ResourceError(
          "needs \(descriptors) file descriptors beside those that are open, and the system grants only "
            + "\(taken.count)\(Self.limit(RLIMIT_NOFILE, "the limit is")); raise the limit, for example with "
            + "'ulimit -n 1024'")
      }
      taken.append(descriptor)
    }
  }

  private func checkAddressSpace() throws(ResourceError) {
    let region = mmap(
      nil, addressSpaceBytes, PROT_NONE, Int32(MAP_PRIVATE) | Int32(MAP_ANONYMOUS) | Int32(MAP_NORESERVE), -1,
      0)
    guard region != MAP_FAILED else {
      throw ResourceError(
        "needs \(addressSpaceBytes >> 20) MiB of address space beside what is in use"
          + "\(Self.limit(RLIMIT_AS, "the limit is", inMebibytes: true)); raise the limit, for example with "
          + "'ulimit -v unlimited'")
    }
    munmap(region, addressSpaceBytes)
  }

  private func checkThreads() throws(ResourceError) {
    guard let possible = OwnThread.countPossible(upTo: threads) else { return }
    throw ResourceError(
      "needs \(counted(threads, "thread")) to start, and the system grants only \(possible)"
        + "\(Self.limit(__RLIMIT_NPROC, "the limit of this user's processes and threads is")); raise the limit, "
        + "for example with 'ulimit -u 4096'")
  }

  /// " (TEXT N)", or nothing where there is no limit.
  private static func limit(
    _ resource: __rlimit_resource, _ text: String, inMebibytes: Bool = false
  ) -> String {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != rlim_t.max else {
      return ""
    }
    return " (\(text) \(inMebibytes ? "\(limit.rlim_cur >> 20) MiB" : "\(limit.rlim_cur)"))"
  }
}

/// The system does not grant what a program needs.
public struct ResourceError: Error, Sendable, CustomStringConvertible {
  /// What is needed, what is granted, and how to change that; reads on from the program's name.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
