import JSON
import WorkbenchAPI

extension JSONValue {
  /// Reads a JSON text that the user gave; a key that an object has twice is refused, since one would be lost.
  static func parse(_ text: String) throws(ClientError) -> JSONValue {
    var options = JSONOptions()
    options.refusesDuplicateKeys = true
    options.limits.depth = Limits.jsonDepth
    do throws(JSONError) {
      return try JSONDocument(text, options: options).root
    } catch {
      throw ClientError(.usage, "\(error)")
    }
  }

  /// What the value is, for messages.
  var typeName: String { MessageJSON.typeName(self) }
}
