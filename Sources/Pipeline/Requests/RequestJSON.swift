public import Jinja
import Runtime

extension Value {
  /// The value of the JSON text in a request's field.
  ///
  /// - Throws: `WorkbenchError` that names the field.
  public init(json: String, field: String) throws {
    do throws(JinjaError) {
      try self.init(json: json)
    } catch {
      let reason = error.message.replacing("JSON: ", with: "", maxReplacements: 1)
      throw WorkbenchError(
        .invalidArgument,
        "\(field) is not valid JSON: \(reason) (line \(error.line), column \(error.column))", field: field)
    }
  }
}
