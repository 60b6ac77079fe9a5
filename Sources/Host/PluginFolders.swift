import Glibc
import Logging
import Runtime

/// What the plugin folders of a daemon hold, found at start-up.
///
/// `TemplateFolders` looks after templates, `PluginLibraries` after libraries.
struct PluginFolders {
  /// Sampler presets, `NAME.preset.yaml`.
  private(set) var presets: [SamplerPreset] = []

  /// What a file is, by the end of its name.
  private enum Kind: String, CaseIterable {
    case template = ".jinja"
    case preset = ".preset.yaml"
    case library = ".so"
  }

  /// Reads every folder; of two plugins of a kind with one name the first is kept.
  ///
  /// What is left out is logged with why.
  ///
  /// - Throws: `WorkbenchError` for a folder that cannot be read.
  init(_ folders: [String], log: Logger) throws {
    for folder in folders {
      for file in try Self.files(in: folder) {
        let path = "\(folder)/\(file)"
        do {
          guard let kind = Kind.allCases.first(where: { file.hasSuffix($0.rawValue) }) else {
            let known = Kind.allCases.map { "NAME\($0.rawValue)" }.joined(separator: " and ")
            throw WorkbenchError(.invalidArgument, "only \(known) are read")
          }
          let name = String(file.dropLast(kind.rawValue.count))
          switch kind {
          case .template, .library: continue
          case .preset: try addPreset(name, path)
          }
          log.info("\(kind)", metadata: ["name": "\(name)", "path": "\(path)"])
        } catch let error as WorkbenchError {
          log.warning("plugin left out", metadata: ["path": "\(path)", "why": "\(error.message)"])
        }
      }
    }
  }

  private mutating func addPreset(_ name: String, _ path: String) throws {
    guard !presets.contains(where: { $0.name == name }) else {
      throw WorkbenchError(.alreadyExists, "a preset has this name already")
    }
    let yaml = try Self.read(path, atMost: HostLimits.presetBytes)
    presets.append(try PresetFile.preset(name: name, yaml: yaml, origin: .plugin))
  }

  /// The names in a folder, in order, but for hidden ones.
  static func files(in folder: String) throws -> [String] {
    guard let names = Folder.names(in: folder) else {
      throw WorkbenchError(.notFound, "\(folder): \(String(cString: strerror(errno)))", field: "--plugin-dir")
    }
    return names.filter { !$0.hasPrefix(".") }.sorted()
  }

  /// A file of text, whole.
  static func read(_ path: String, atMost limit: Int) throws -> String {
    let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    guard descriptor >= 0 else { throw WorkbenchError(.notFound, String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw WorkbenchError(.invalidArgument, "not a file")
    }
    guard status.st_size <= limit else {
      throw WorkbenchError(.outOfRange, "\(status.st_size) bytes; such a file has \(limit) at most")
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
