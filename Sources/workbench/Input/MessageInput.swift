import JSON
import WorkbenchAPI

/// Messages of a conversation from JSON: an array of objects with `role`, usually `content`, and further keys.
enum MessageInput {
  /// The messages of a JSON array.
  static func parse(_ value: JSONValue) throws(ClientError) -> [ProtoMessage] {
    do throws(MessageJSONError) {
      return try MessageJSON.messages(value)
    } catch {
      throw ClientError(.usage, error.message)
    }
  }

  /// A message of a role.
  static func message(_ role: String, _ content: String) -> ProtoMessage {
    var message = ProtoMessage()
    message.role = role
    message.content = content
    return message
  }

  /// The text of a string; `path` is what an error calls it.
  static func string(_ value: JSONValue, _ path: String) throws(ClientError) -> String {
    do throws(MessageJSONError) {
      return try MessageJSON.string(value, path)
    } catch {
      throw ClientError(.usage, error.message)
    }
  }
}
