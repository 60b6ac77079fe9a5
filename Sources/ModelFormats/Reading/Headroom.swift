import Glibc

/// Address space that is left for small allocations.
///
/// Those of Swift and of gRPC end the process when they fail. What maps much at once can fail with a reason instead, and
/// so asks here whether it left enough for the rest.
public enum Headroom {
  /// Whether at least 64 MiB of address space are left.
  public static var isLeft: Bool {
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    let region = mmap(nil, Limits.headroomBytes, PROT_NONE, flags, -1, 0)
    guard let region, region != MAP_FAILED else { return false }
    munmap(region, Limits.headroomBytes)
    return true
  }
}
