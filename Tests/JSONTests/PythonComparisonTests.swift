import Foundation
import JSON
import Testing

/// Texts and what Python's json made of them, recorded by `Fixtures/record_json.py`.
@Suite("JSON beside Python's")
struct PythonComparisonTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let text: String
    let value: String?
    let refused: Bool?
    var testDescription: String { text.debugDescription }
  }

  static func cases() throws -> [Case] {
    let url = try #require(
      Bundle.module.url(forResource: "cases", withExtension: "jsonl", subdirectory: "Fixtures"))
    return try String(contentsOf: url, encoding: .utf8).split(separator: "\n").map {
      try JSONDecoder().decode(Case.self, from: Data($0.utf8))
    }
  }

  @Test("the same texts are read, as the same values, and the others are refused")
  func comparison() throws {
    let cases = try Self.cases()
    #expect(cases.count > 350)
    for item in cases {
      let root = try? JSONDocument(item.text, options: .python).root
      #expect(root.map(Self.spelled) == item.value, "\(item.text.debugDescription)")
    }
  }

  @Test("what is read is strict unless Python's reading is asked for")
  func strict() throws {
    for item in try Self.cases() where item.value != nil {
      let outsideStrings = item.text.replacing(/"(\\.|[^"\\])*"/, with: "")
      let isExtended = outsideStrings.firstMatch(of: /NaN|Infinity/) != nil
      let root = try? JSONDocument(item.text).root
      #expect((root == nil) == isExtended, "\(item.text.debugDescription)")
    }
  }

  @Test("a value that is written is read back as it was")
  func roundTrip() throws {
    for item in try Self.cases() {
      guard let root = try? JSONDocument(item.text, options: .python).root else { continue }
      var writer = JSONWriter(nonFinite: .spelled)
      Self.write(root, to: &writer)
      let again = try JSONDocument(writer.bytes, options: .python).root
      #expect(Self.spelled(again) == item.value, "\(item.text.debugDescription)")
      var copy = JSONWriter()
      copy.value(root)
      #expect(copy.text == root.sourceText)
    }
  }

  /// The value as the recorder spells it: its type and every bit.
  static func spelled(_ value: JSONValue) -> String {
    func hex(_ bytes: some Sequence<UInt8>) -> String {
      bytes.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
    }
    switch value.kind {
    case .null: return "null"
    case .boolean: return value.bool == true ? "true" : "false"
    case .string: return "s" + hex(value.utf8 ?? [])
    case .number where value.isInteger:
      if let int = value.int { return "i\(int)" }
      return "i" + value.sourceText
    case .number:
      guard let double = value.double else { return "?" }
      if double.isNaN { return "fnan" }
      return "f" + hex((0..<8).reversed().map { UInt8(truncatingIfNeeded: double.bitPattern >> ($0 * 8)) })
    case .array: return "[" + (value.elements.map { $0.map(spelled) } ?? []).joined(separator: ",") + "]"
    case .object:
      // A key that comes again keeps its first place and takes the last value.
      var keys: [String] = []
      var values: [String: String] = [:]
      _ = value.eachMember { key, value in
        let key = spelled(key)
        if values.updateValue(spelled(value), forKey: key) == nil { keys.append(key) }
      }
      return "{" + keys.map { "\($0):\(values[$0] ?? "")" }.joined(separator: ",") + "}"
    }
  }

  private static func write(_ value: JSONValue, to writer: inout JSONWriter) {
    switch value.kind {
    case .null: writer.null()
    case .boolean: writer.bool(value.bool == true)
    case .string: writer.string(value.string ?? "")
    case .number where value.isInteger && value.int == nil: writer.value(value)
    case .number where value.isInteger: writer.int(value.int ?? 0)
    case .number: writer.double(value.double ?? 0)
    case .array:
      writer.array { writer in _ = value.eachElement { write($0, to: &writer) } }
    case .object:
      writer.object { writer in
        _ = value.eachMember { key, value in
          writer.key(key.string ?? "")
          write(value, to: &writer)
        }
      }
    }
  }
}
