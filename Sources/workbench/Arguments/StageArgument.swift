import ArgumentParser
import WorkbenchAPI

/// Reads the values of `--stage`, `--set` and `--logit-bias`.
enum StageArgument {
  /// A stage such as `greedy` or `top_k:top_k=40` or `xtc:probability=0.5,threshold=0.1`.
  static func parse(_ text: String) throws -> ProtoSamplerStage {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty else {
      throw ValidationError("'\(text)' does not name a stage; write NAME or NAME:PARAMETER=NUMBER,...")
    }
    var stage = ProtoSamplerStage()
    stage.name = String(name)
    guard parts.count == 2 else { return stage }
    for assignment in parts[1].split(separator: ",", omittingEmptySubsequences: false) {
      let sides = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard sides.count == 2, !sides[0].isEmpty, let value = Double(sides[1]) else {
        throw ValidationError("'\(assignment)' in '\(text)' is not PARAMETER=NUMBER")
      }
      guard stage.parameters.updateValue(value, forKey: String(sides[0])) == nil else {
        throw ValidationError("'\(sides[0])' is given twice in '\(text)'")
      }
    }
    return stage
  }

  /// A stage in the form that `parse` reads.
  static func text(_ stage: ProtoSamplerStage) -> String {
    let parameters = stage.parameters.sorted { $0.key < $1.key }.map {
      "\($0.key)=\(Format.number($0.value))"
    }
    return stage.name + (parameters.isEmpty ? "" : ":" + parameters.joined(separator: ","))
  }

  /// A setting such as `dry_multiplier=0.8`.
  static func parseAssignment(_ text: String) throws -> SettingAssignment {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2, !sides[0].isEmpty, let value = Double(sides[1]) else {
      throw ValidationError("'\(text)' is not NAME=NUMBER")
    }
    return SettingAssignment(name: String(sides[0]), value: value)
  }

  /// A bias such as `15=-2.5`.
  static func parseBias(_ text: String) throws -> LogitBias {
    let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard sides.count == 2, let id = UInt32(sides[0]), let value = Float(sides[1]) else {
      throw ValidationError("'\(text)' is not TOKEN-ID=NUMBER")
    }
    return LogitBias(id: id, value: value)
  }
}

/// A sampler setting and its value, from `--set`.
struct SettingAssignment: Equatable, Sendable {
  var name: String
  var value: Double
}

/// A token id and what is added to that token's logit, from `--logit-bias`.
struct LogitBias: Equatable, Sendable {
  var id: UInt32
  var value: Float
}
