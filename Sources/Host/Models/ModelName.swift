import Glibc
import Runtime

/// The names of models: given by the caller, or the name of the file or folder.
package enum ModelName {
  /// `SmolLM2-135M-Instruct.Q4_1` for `/models/SmolLM2-135M-Instruct.Q4_1.gguf`, without a split file's part
  /// number; `SynthIA-7B-v1.3` for `/models/SynthIA-7B-v1.3`.
  package static func fromPath(_ path: String) -> String {
    let parts = path.split(separator: "/").filter { $0 != "." }
    var name = parts.last.map(String.init) ?? path
    // In the hub's cache: models--ORGANISATION--NAME/snapshots/REVISION.
    if parts.count >= 3, parts[parts.count - 2] == "snapshots", parts[parts.count - 3].hasPrefix("models--"),
      let repository = parts[parts.count - 3].split(separator: "--").last
    {
      name = String(repository)
    }
    if name.hasSuffix(".gguf") { name.removeLast(5) }
    if let split = name.firstRange(of: "-00001-of-"),
      name.distance(from: split.upperBound, to: name.endIndex) == 5
    {
      name = String(name[..<split.lowerBound])
    }
    // Files may be called anything.
    return String(String.UnicodeScalarView(name.unicodeScalars.map { isPlain($0) ? $0 : "-" }))
  }

  /// A name that can be typed without quotes and printed without surprises: letters, digits and some signs.
  ///
  /// - Parameter what: What is named: "model".
  static func check(_ name: String, of what: String = "model") throws -> String {
    guard let problem = problem(name) else { return name }
    throw WorkbenchError(
      .invalidArgument,
      "a \(what)'s name must be 1 to \(HostLimits.nameBytes) bytes of letters, digits and any of \(signs); \(problem)",
      field: "name")
  }

  /// Why a text is no name; nil: it is one.
  private static func problem(_ name: String) -> String? {
    if name.isEmpty { return "it is empty" }
    if let scalar = name.unicodeScalars.first(where: { !isPlain($0) }) {
      return "'\(shown(name))' has '\(shown(String(scalar)))'"
    }
    let bytes = name.utf8.count
    return bytes <= HostLimits.nameBytes ? nil : "'\(shown(name))' has \(bytes)"
  }

  /// The start of a name, with what cannot be seen as its number.
  private static func shown(_ name: String) -> String {
    let start = name.unicodeScalars.prefix(HostLimits.quotedCharacters)
    let text = start.map { scalar in
      isPlain(scalar) || (" "..."~").contains(scalar)
        ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
    }
    return text.joined() + (start.endIndex == name.unicodeScalars.endIndex ? "" : "...")
  }

  /// Signs that mean nothing to a shell, and nothing to us: `@` and `=` do.
  private static let signs = "- _ . + : / ,"

  private static func isPlain(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII, signs.unicodeScalars.contains(scalar) { return scalar != " " }
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .nonspacingMark,
      .spacingMark, .decimalNumber, .letterNumber, .otherNumber:
      return true
    default: return false
    }
  }

  static func secondsSince1970() -> Double {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return Double(now.tv_sec) + Double(now.tv_nsec) / 1e9
  }
}
