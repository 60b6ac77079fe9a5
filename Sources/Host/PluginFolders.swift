import Glibc
import Logging
import Runtime

/// The folders that a daemon is told to look for plugins in.
enum PluginFolders {
  /// Refuses a folder that cannot be read, and says which files in it mean nothing.
  static func check(_ folder: String, log: Logger) throws {
    for file in try files(in: folder) where !file.hasSuffix(TemplateFolders.suffix) {
      log.warning(
        "plugin left out", metadata: ["path": "\(folder)/\(file)", "why": "only NAME.jinja is read yet"])
    }
  }

  /// The names in a folder, in order, but for hidden ones.
  static func files(in folder: String) throws -> [String] {
    guard let names = Folder.names(in: folder) else {
      throw WorkbenchError(.notFound, "\(folder): \(String(cString: strerror(errno)))", field: "--plugin-dir")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// A template's file, whole.
  static func read(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw WorkbenchError(.notFound, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkbenchError(.invalidArgument, "not a file")
    }
    guard status.st_size <= HostLimits.templateBytes else {
      throw WorkbenchError(
        .outOfRange, "\(status.st_size) bytes; a template has \(HostLimits.templateBytes) at most")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw WorkbenchError(.dataLoss, "it changed while it was read") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw WorkbenchError(.invalidArgument, "not UTF-8 text")
    }
    return text
  }
}
