import Glibc
import Logging
import Runtime

/// Finds and reads the files of plugin folders.
enum PluginFolders {
  /// The kind of a file, by its suffix.
  enum Kind: String, CaseIterable {
    /// A prompt template, watched by `TemplateFolders`.
    case template = ".jinja"
    /// A sampler preset.
    case preset = ".preset.yaml"
    /// A library, tried by `PluginLibraries`.
    case library = ".so"
  }

  /// Refuses a folder that cannot be read, and logs which files in it are not used.
  static func check(_ folder: String, log: Logger) throws {
    for file in try files(in: folder) where !Kind.allCases.contains(where: { file.hasSuffix($0.rawValue) }) {
      let known = Kind.allCases.map { "NAME\($0.rawValue)" }.joined(separator: ", ")
      skip("\(folder)/\(file)", "only \(known) are used", log)
    }
  }

  /// The sampler presets of all folders; if two have the same name, the first is kept.
  ///
  /// Files that are skipped are logged with the reason.
  ///
  /// - Parameter pluginStages: The samplers of libraries, which presets may name.
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  static func presets(
    in folders: [String], pluginStages: Set<String> = [], log: Logger
  ) throws -> [SamplerPreset] {
    var presets: [SamplerPreset] = []
    for folder in folders {
      for (name, path) in try files(.preset, in: folder) {
        guard !presets.contains(where: { $0.name == name }) else {
          skip(path, "another preset already has this name", log)
          continue
        }
        do {
          let yaml = try read(path, atMost: HostLimits.presetBytes)
          presets.append(
            try PresetFile.preset(name: name, yaml: yaml, origin: .plugin, pluginStages: pluginStages))
          log.info("preset added", metadata: ["name": "\(name)", "path": "\(path)"])
        } catch let error as WorkbenchError {
          skip(path, error.message, log)
        }
      }
    }
    return presets
  }

  private static func skip(_ path: String, _ why: String, _ log: Logger) {
    log.warning("plugin file skipped", metadata: ["path": "\(path)", "why": "\(why)"])
  }

  /// The files of a kind in a folder, sorted by name, each with its name without the suffix.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  static func files(_ kind: Kind, in folder: String) throws -> [(name: String, path: String)] {
    try files(in: folder).filter { $0.hasSuffix(kind.rawValue) }.map {
      (String($0.dropLast(kind.rawValue.count)), "\(folder)/\($0)")
    }
  }

  /// The names in a folder, sorted, without hidden files.
  private static func files(in folder: String) throws -> [String] {
    guard let names = Folder.names(in: folder) else {
      throw WorkbenchError(.notFound, "\(folder): \(String(cString: strerror(errno)))", field: "--plugin-dir")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// The text of a template file.
  static func read(_ path: String) throws -> String { try read(path, atMost: HostLimits.templateBytes) }

  private static func read(_ path: String, atMost limit: Int) throws -> String {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw WorkbenchError(.notFound, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkbenchError(.invalidArgument, "not a regular file")
    }
    guard status.st_size <= limit else {
      throw WorkbenchError(.outOfRange, "it has \(status.st_size) bytes; the limit is \(limit >> 10) KiB")
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    let count = bytes.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
    guard count == bytes.count else { throw WorkbenchError(.dataLoss, "it changed while being read") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw WorkbenchError(.invalidArgument, "not UTF-8 text")
    }
    return text
  }
}
