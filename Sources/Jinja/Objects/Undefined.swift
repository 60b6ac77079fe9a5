/// A missing value: what was looked for, told when it is used.
final class Undefined {
  /// Why there is none; spelled only in an error, since templates ask for missing things all the time.
  enum Reason {
    case variable(String)
    case attribute(String, of: String)
    case other(String)
  }

  private let reason: Reason
  let kind: JinjaError.Kind

  init(_ reason: Reason) {
    self.reason = reason
    kind = .undefined
  }

  init(_ message: String, kind: JinjaError.Kind = .undefined) {
    reason = .other(message)
    self.kind = kind
  }

  var message: String {
    switch reason {
    case .variable(let name): "'\(name)' is undefined"
    case .attribute(let name, let type):
      "'\(type == "NoneType" ? "None" : type + " object")' has no attribute '\(name)'"
    case .other(let message): message
    }
  }

  var error: JinjaError { JinjaError(kind, message) }
}
