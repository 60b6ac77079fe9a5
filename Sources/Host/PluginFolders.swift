import Glibc
import Logging
import Runtime

/// The plugins in the folders that a daemon is told of: for now prompt templates, `NAME.jinja`.
enum PluginFolders {
  private static let suffix = ".jinja"

  /// The templates of all folders; of two with one name the first is kept.
  ///
  /// What is left out is logged with why.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  static func templates(in folders: [String], log: Logger) throws -> [TemplateSource] {
    var templates: [TemplateSource] = []
    for folder in folders {
      for file in try files(in: folder) {
        let path = "\(folder)/\(file)"
        guard file.hasSuffix(suffix) else {
          log.warning("plugin left out", metadata: ["path": "\(path)", "why": "only NAME.jinja is read yet"])
          continue
        }
        let name = String(file.dropLast(suffix.count))
        guard !templates.contains(where: { $0.name == name }) else {
          log.warning(
            "plugin left out", metadata: ["path": "\(path)", "why": "a template has this name already"])
          continue
        }
        do {
          let source = try read(path)
          templates.append(TemplateSource(name: name, source: source, origin: .plugin, summary: path))
          log.info("template", metadata: ["name": "\(name)", "path": "\(path)"])
        } catch let error as WorkbenchError {
          log.warning("plugin left out", metadata: ["path": "\(path)", "why": "\(error.message)"])
        }
      }
    }
    return templates
  }

  private static func files(in folder: String) throws -> [String] {
    guard let names = Folder.names(in: folder) else {
      throw WorkbenchError(.notFound, "\(folder): \(String(cString: strerror(errno)))", field: "--plugin-dir")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  private static func read(_ path: String) throws -> String {
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
