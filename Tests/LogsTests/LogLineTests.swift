import Foundation
import Logging
import Testing

@testable import Logs

@Suite("A line of the log") struct LogLineTests {
  private let metadata: Logger.Metadata = [
    "count": .stringConvertible(30), "ratio": .stringConvertible(0.5), "on": .stringConvertible(true),
    "name": "a b", "list": .array(["x", .stringConvertible(7)]),
    "table": .dictionary(["k": .stringConvertible(1)]),
    "time": "noon",
  ]

  private func object(_ line: LogLine) throws -> [String: Any] {
    let bytes = line.bytes(.json)
    #expect(bytes.last == UInt8(ascii: "\n") && bytes.filter { $0 == UInt8(ascii: "\n") }.count == 1)
    let value = try JSONSerialization.jsonObject(with: Data(bytes))
    return try #require(value as? [String: Any])
  }

  @Test("In JSON numbers and booleans stay what they are, and no field hides the time, level or message")
  func numbers() throws {
    let line = LogLine(level: .info, message: "done", metadata: metadata)
    let text = String(decoding: line.bytes(.json), as: UTF8.self)
    #expect(
      text.contains(#""count":30,"#) && text.contains(#""ratio":0.5,"#) && text.contains(#""on":true,"#))
    #expect(text.contains(#""list":["x",7]"#) && text.contains(#""table":{"k":1}"#))
    let object = try object(line)
    #expect(object["level"] as? String == "info" && object["message"] as? String == "done")
    #expect(object["time_"] as? String == "noon")
    #expect((object["time"] as? String)?.hasSuffix("Z") == true)
  }

  @Test("A text line is one line whatever is in it, and shows where a value ends")
  func text() {
    let line = LogLine(
      level: .warning, message: "two\nlines\u{1b}[31m\u{202e}",
      metadata: ["name": "a \"b\"", "n": .stringConvertible(2)])
    let text = String(decoding: line.bytes(.text), as: UTF8.self)
    #expect(text.hasSuffix(#" warning: two\u{a}lines\u{1b}[31m\u{202e} n=2 name="a \"b\"""# + "\n"))
  }

  @Test("A line that is too long is cut, and is still a line of its format")
  func long() throws {
    let long = String(repeating: "ü\u{1}", count: 100_000)
    let fields = Dictionary(
      uniqueKeysWithValues: (0..<100).map { ("\($0)" + long, Logger.MetadataValue.string(long)) })
    let line = LogLine(level: .error, message: long, metadata: fields)
    #expect(line.bytes(.text).count <= Limits.lineBytes && line.bytes(.text).last == UInt8(ascii: "\n"))
    #expect(line.bytes(.json).count <= Limits.lineBytes)
    _ = try object(line)
  }
}
