import Glibc

/// What a library file reveals without running any of its code.
public enum PluginFile {
  /// Checks that a file can be a plugin for this machine, without loading it.
  ///
  /// - Throws: `PluginError` of kind `file`, `format` or `machine`.
  public static func check(_ path: String) throws(PluginError) {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw PluginError(.file, path, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw PluginError(.file, path, String(cString: strerror(errno)))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { throw PluginError(.file, path, "not a regular file") }
    guard status.st_mode & S_IWOTH == 0 else {
      throw PluginError(.file, path, "anyone on this machine can change it; run 'chmod o-w' on it")
    }
    let size = Int(status.st_size)
    guard size <= Limits.fileBytes else {
      throw PluginError(
        .file, path, "it is larger than \(byteCount(Limits.fileBytes)), the limit for a plugin")
    }
    let head = try read(descriptor, path, at: 0, count: min(size, ELFHeader.headerBytes))
    let header = try ELFHeader(head, fileBytes: size, path: path)
    let segments = try read(descriptor, path, at: header.segmentOffset, count: header.segmentBytes)
    try header.check(segments: segments, fileBytes: size, path: path)
  }

  private static func read(
    _ descriptor: Int32, _ path: String, at offset: Int, count: Int
  ) throws(PluginError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let found = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, off_t(offset)) }
    guard found == count else {
      throw PluginError(
        .file, path, found < 0 ? String(cString: strerror(errno)) : "it changed while it was read")
    }
    return bytes
  }
}
