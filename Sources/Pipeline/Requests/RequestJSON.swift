public import Jinja
import Runtime

extension Value {
  /// The value of the JSON text in a request's field.
  ///
  /// - Throws: `WorkbenchError` that names the field.
  public init(json: String, field: String) throws {
    do {
      try self.init(json: json)
    } catch {
      throw WorkbenchError(.invalidArgument, "\(field) is not valid JSON: \(error)", field: field)
    }
  }
}
