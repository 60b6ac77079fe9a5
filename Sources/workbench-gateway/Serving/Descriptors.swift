import Glibc

/// The file descriptors of this process.
enum Descriptors {
  /// Raises the limit of this process as far as the system allows, and returns how many connections fit under it.
  static func roomForConnections() -> Int {
    var limit = rlimit()
    let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
    guard getrlimit(resource, &limit) == 0 else { return Limits.connections }
    limit.rlim_cur = min(limit.rlim_max, rlim_t(Limits.connections + Limits.otherDescriptors))
    setrlimit(resource, &limit)
    guard getrlimit(resource, &limit) == 0 else { return Limits.connections }
    let room = Int(clamping: limit.rlim_cur) - Limits.otherDescriptors
    return min(Limits.connections, max(1, room))
  }
}
