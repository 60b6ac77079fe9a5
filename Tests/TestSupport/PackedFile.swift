public import Foundation

/// A fixture that is packed with xz.
public enum PackedFile {
  /// What xz could not do.
  public struct Failure: Error {
    /// The file.
    public let path: String
  }

  /// The bytes of the file at `path`, unpacked.
  public static func contents(of path: String) throws -> Data {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["xz", "-dc", path]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let bytes = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw Failure(path: path) }
    return bytes
  }
}
