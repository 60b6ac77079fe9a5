import Units
import WorkbenchAPI

/// Conversions as text.
enum ConversionText {
  /// The new file, as the user named it, and what is worth knowing about it.
  static func result(_ result: ProtoConvertedModel, output: String) -> String {
    var lines = ["wrote \(output): \(Format.bytes(result.bytes))" + types(result)]
    if result.requantized > 0 {
      lines.append(
        "\(counted(result.requantized, "tensor")) had been quantised before: the errors add up, so convert "
          + "from the original weights if you have them")
    }
    lines += result.notes.map { "note: " + $0 }
    return lines.map { $0 + "\n" }.joined()
  }

  /// `, 31 tensors Q8_0, 12 tensors F32`.
  private static func types(_ result: ProtoConvertedModel) -> String {
    guard !result.shares.isEmpty else { return ", no weights" }
    return result.shares.map { ", \(counted($0.tensors, "tensor")) \($0.type)" }.joined()
  }
}
