import Glibc
import Runtime

/// The names of models: given by the caller, or the base name of the path.
package enum ModelName {
  /// `SmolLM2-135M-Instruct.Q4_1` for `/models/SmolLM2-135M-Instruct.Q4_1.gguf`, without a split file's part
  /// number.
  package static func fromPath(_ path: String) -> String {
    var name = path.split(separator: "/").last.map(String.init) ?? path
    if name.hasSuffix(".gguf") { name.removeLast(5) }
    if let split = name.firstRange(of: "-00001-of-"),
      name.distance(from: split.upperBound, to: name.endIndex) == 5
    {
      name = String(name[..<split.lowerBound])
    }
    return name
  }

  /// A name that is safe to print and to type.
  static func check(_ name: String) throws -> String {
    let isPrintable = name.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value != 0x7f }
    guard !name.isEmpty, name.utf8.count <= HostLimits.nameBytes, isPrintable else {
      throw WorkbenchError(
        .invalidArgument,
        "a model's name must be 1 to \(HostLimits.nameBytes) bytes, without control characters",
        field: "name")
    }
    return name
  }

  static func secondsSince1970() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
