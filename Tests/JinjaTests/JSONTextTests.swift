import Jinja
import Testing

@Suite("Values as JSON text") struct JSONTextTests {
  @Test("A value is read back as it was, keys in their order") func roundTrip() throws {
    let value: Value = [
      "z": 1, "a": [true, .none, -2.5, 1e300, "\u{1}\"\\\n한😀"], "e": [:], "n": [[], ["b": ""]],
    ]
    #expect(try Value(json: value.json) == value)
    #expect((["z": 1, "a": "\u{1f}\""] as Value).json == #"{"z":1,"a":"\u001f\""}"#)
  }

  @Test("Numbers that JSON does not have are null for other programs and spelled for ourselves")
  func numbers() {
    let value: Value = [.double(.nan), .double(.infinity), .double(-.infinity)]
    #expect(value.json == "[NaN,Infinity,-Infinity]")
    var bytes: [UInt8] = []
    value.appendJSON(to: &bytes)
    #expect(String(decoding: bytes, as: UTF8.self) == "[null,null,null]")
  }
}
