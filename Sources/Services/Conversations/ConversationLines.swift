import JSON
import Runtime
import SwiftProtobuf
import WorkbenchAPI

/// Conversations as lines of JSON.
enum ConversationLines {
  /// A conversation of an import.
  struct Parsed {
    var name: String?
    var messages: [ProtoMessage]
  }

  // MARK: Writing

  /// The lines of a conversation.
  ///
  /// - Throws: `WorkbenchError` when the form cannot hold it.
  static func lines(_ messages: [ProtoMessage], name: String, _ form: ProtoConversationForm) throws
    -> [String]
  {
    form == .turns ? try turns(messages, of: name) : [try line(messages, of: name)]
  }

  private static func line(_ messages: [ProtoMessage], of name: String) throws -> String {
    var objects: [JSONValue] = []
    for (index, message) in messages.enumerated() {
      do throws(JSONError) {
        var writer = JSONWriter()
        try MessageJSON.write(message, to: &writer)
        objects.append(try JSONDocument(writer.bytes).root)
      } catch {
        throw WorkbenchError(
          .failedPrecondition, "message \(index + 1) of '\(name)' cannot be written as JSON: \(error)")
      }
    }
    return oneLine { writer in
      writer.key("messages")
      writer.array { for object in objects { $0.value(object) } }
      writer.key("name")
      writer.string(name)
    }
  }

  private static func turns(_ messages: [ProtoMessage], of name: String) throws -> [String] {
    var lines: [String] = []
    var system: String?
    var position = 0
    /// The text of the next message, which must have this role.
    func next(_ role: String) throws -> String? {
      guard position < messages.count else { return nil }
      let message = messages[position]
      position += 1
      let plain = ProtoMessage.with {
        $0.role = role
        $0.content = message.content
      }
      guard message == plain else {
        throw WorkbenchError(
          .failedPrecondition,
          "message \(position) of '\(name)' is not a plain text of the role '\(role)', which a line of a turn needs; "
            + "export it in the form of messages", field: "form")
      }
      return message.content
    }
    if messages.first?.role == "system" { system = try next("system") }
    if messages.count == position, let text = system {
      throw WorkbenchError(
        .failedPrecondition, "'\(name)' has only a system message (\(text.utf8.count) bytes), and no turn",
        field: "form")
    }
    while let prompt = try next("user") {
      let answer = try next("assistant")
      lines.append(
        oneLine { writer in
          writer.key("prompt")
          writer.string(prompt)
          if let answer {
            writer.key("answer")
            writer.string(answer)
          }
          if let text = system {
            writer.key("system")
            writer.string(text)
          }
        })
      system = nil
    }
    return lines
  }

  /// An object without a newline in it, which values that are passed on as they were spelled may have.
  private static func oneLine(_ body: (inout JSONWriter) -> Void) -> String {
    var writer = JSONWriter()
    writer.object(body)
    let bytes = writer.bytes.map {
      $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") ? UInt8(ascii: " ") : $0
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  // MARK: Reading

  /// The conversations of a request.
  ///
  /// - Throws: `WorkbenchError` that names the line.
  static func parse(_ request: ProtoImportConversationsRequest) throws -> [Parsed] {
    var parsed: [Parsed] = []
    var form = request.form
    for (index, line) in request.lines.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
    where !line.allSatisfy(\.isWhitespace) {
      do {
        let object = try object(String(line))
        if form == .unspecified { form = object["prompt"] == nil ? .messages : .turns }
        if form == .turns {
          if parsed.isEmpty { parsed.append(Parsed(messages: [])) }
          try addTurn(object, to: &parsed[0].messages)
        } else {
          parsed.append(try conversation(object))
        }
      } catch let error as MessageJSONError {
        throw WorkbenchError(.invalidArgument, "line \(index + 1): \(error.message)", field: "lines")
      }
    }
    guard !parsed.isEmpty else {
      throw WorkbenchError(.invalidArgument, "there is no line with a conversation", field: "lines")
    }
    if request.hasName {
      guard parsed.count == 1 else {
        throw WorkbenchError(
          .invalidArgument, "there are \(parsed.count) conversations, and one name", field: "name")
      }
      parsed[0].name = request.name
    }
    return parsed
  }

  private static func object(_ line: String) throws -> JSONValue {
    var options = JSONOptions()
    // One of them would be lost.
    options.refusesDuplicateKeys = true
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONDocument(line, options: options).root
    } catch {
      throw MessageJSONError("column \(error.column): \(error.reason)")
    }
    guard value.kind == .object else {
      throw MessageJSONError("an object is expected, not \(MessageJSON.typeName(value))")
    }
    return value
  }

  private static func conversation(_ object: JSONValue) throws -> Parsed {
    var parsed = Parsed(messages: [])
    for (key, value) in try known(object, ["messages", "name"]) {
      if key == "name" {
        parsed.name = try MessageJSON.string(value, key)
      } else {
        parsed.messages = try MessageJSON.messages(value)
      }
    }
    guard object["messages"] != nil else {
      throw MessageJSONError(
        "'messages' is missing; a line is {\"messages\": [...]} or {\"prompt\": ..., \"answer\": ...}")
    }
    return parsed
  }

  private static func addTurn(_ object: JSONValue, to messages: inout [ProtoMessage]) throws {
    guard messages.last?.role != "user" else {
      throw MessageJSONError("the turn before has no 'answer', which only the last one may lack")
    }
    var texts: [String: String] = [:]
    for (key, value) in try known(object, ["prompt", "answer", "system"])
    where !(key == "answer" && value.isNull) {
      texts[key] = try MessageJSON.string(value, key)
    }
    guard let prompt = texts["prompt"] else { throw MessageJSONError("'prompt' is missing") }
    if let system = texts["system"] {
      guard messages.isEmpty else { throw MessageJSONError("'system' belongs to the first turn") }
      messages.append(plain("system", system))
    }
    messages.append(plain("user", prompt))
    if let answer = texts["answer"] { messages.append(plain("assistant", answer)) }
  }

  private static func plain(_ role: String, _ content: String) -> ProtoMessage {
    .with {
      $0.role = role
      $0.content = content
    }
  }

  /// The members of an object, which may have only these keys: what is not understood would be lost.
  private static func known(_ object: JSONValue, _ keys: [String]) throws -> [(String, JSONValue)] {
    guard let members = object.members else { return [] }
    return try members.map { member in
      let key = member.key.string ?? ""
      guard keys.contains(key) else {
        throw MessageJSONError("unknown key '\(key)'; known keys: \(keys.joined(separator: ", "))")
      }
      return (key, member.value)
    }
  }
}
