import Foundation
import SwiftProtobuf

/// The descriptors of the public API's files, for server reflection.
public struct FileDescriptors: Sendable {
  /// A file by its name, "workbench/v1/models.proto", as a serialised FileDescriptorProto.
  public let files: [String: [UInt8]]
  /// The names of the files that a file imports.
  public let imports: [String: [String]]
  /// The file that defines a service, message, enum, method or field, by its full name.
  public let fileOfSymbol: [String: String]

  /// The files that were generated into this module.
  public init() {
    var files: [String: [UInt8]] = [:]
    var imports: [String: [String]] = [:]
    var symbols: [String: String] = [:]
    let bytes = Data(base64Encoded: fileDescriptorSetBase64) ?? Data()
    let set = try? Google_Protobuf_FileDescriptorSet(serializedBytes: bytes)
    for file in set?.file ?? [] {
      files[file.name] = try? file.serializedBytes()
      imports[file.name] = file.dependency
      for symbol in FileDescriptors.symbols(of: file) { symbols[symbol] = file.name }
    }
    self.files = files
    self.imports = imports
    fileOfSymbol = symbols
  }

  /// The file `name` and everything it imports, directly or indirectly; nil when there is no such file.
  public func closure(of name: String) -> [[UInt8]]? {
    guard files[name] != nil else { return nil }
    var pending = [name]
    var seen: Set<String> = []
    var result: [[UInt8]] = []
    while let next = pending.popLast() {
      guard seen.insert(next).inserted, let file = files[next] else { continue }
      result.append(file)
      pending += imports[next] ?? []
    }
    return result
  }

  private static func symbols(of file: Google_Protobuf_FileDescriptorProto) -> [String] {
    let prefix = file.package.isEmpty ? "" : file.package + "."
    var result = file.service.flatMap { service in
      [prefix + service.name] + service.method.map { "\(prefix)\(service.name).\($0.name)" }
    }
    result += file.enumType.map { prefix + $0.name }
    for message in file.messageType { result += symbols(of: message, prefix: prefix) }
    return result
  }

  private static func symbols(of message: Google_Protobuf_DescriptorProto, prefix: String) -> [String] {
    let name = prefix + message.name
    var result =
      [name] + message.field.map { "\(name).\($0.name)" } + message.enumType.map { "\(name).\($0.name)" }
    for nested in message.nestedType { result += symbols(of: nested, prefix: name + ".") }
    return result
  }
}
