import JSON
import Testing

@Suite("Values of a JSON text")
struct JSONValueTests {
  private func root(_ text: String) throws -> JSONValue { try JSONDocument(text).root }

  @Test("each value gives its own source, byte for byte")
  func source() throws {
    let value = try root(" {\"b\" : [1.50, \"\\u0041\" , -0e+0 ], \"a\": { } } ")
    #expect(value.sourceText == "{\"b\" : [1.50, \"\\u0041\" , -0e+0 ], \"a\": { } }")
    #expect(value["b"]?.elements?.map(\.sourceText) == ["1.50", "\"\\u0041\"", "-0e+0"])
    #expect(value["a"]?.sourceText == "{ }")
    #expect(value.members?.map(\.key.sourceText) == ["\"b\"", "\"a\""])
  }

  @Test("reading a value as what it is not gives nil")
  func kinds() throws {
    let values = try #require(try root("[null, true, 1, \"1\", [], {}]").elements)
    for (place, value) in values.enumerated() {
      #expect(value.isNull == (place == 0))
      #expect((value.bool != nil) == (place == 1))
      #expect((value.int != nil) == (place == 2))
      #expect((value.double != nil) == (place == 2))
      #expect((value.digits != nil) == (place == 2))
      #expect((value.string != nil) == (place == 3))
      #expect((value.utf8 != nil) == (place == 3))
      #expect((value.withUTF8(\.count) != nil) == (place == 3))
      #expect((value.elements != nil) == (place == 4))
      #expect(value.eachElement { _ in } == (place == 4))
      #expect((value.members != nil) == (place == 5))
      #expect(value.eachMember { _, _ in } == (place == 5))
      #expect(value["a"] == nil)
      #expect(value.elementPair == nil)
    }
  }

  @Test(
    "integers fit or keep their spelling",
    arguments: [
      ("0", 0), ("-0", 0), ("9223372036854775807", Int.max), ("-9223372036854775808", Int.min),
      ("9223372036854775808", nil), ("-9223372036854775809", nil),
      ("340282366920938463463374607431768211456", nil),
      ("1.0", nil), ("1e3", nil),
    ] as [(String, Int?)])
  func integers(text: String, int: Int?) throws {
    let value = try root(text)
    #expect(value.int == int)
    #expect(value.isInteger == !text.contains { ".e".contains($0) })
    #expect(value.digits.map { String(decoding: $0, as: UTF8.self) } == text)
    #expect(value.double == Double(text))
  }

  @Test("the last of a key's values counts, escapes in keys are read, order is kept")
  func members() throws {
    let value = try root("{\"a\":1,\"b\":2,\"\\u0061\":3}")
    #expect(value["a"]?.int == 3)
    #expect(value["c"] == nil)
    #expect(value.members?.map { $0.key.string } == ["a", "b", "a"])
    #expect(value.members?.map { $0.value.int } == [1, 2, 3])
    // Keys are compared by their bytes: these are two.
    #expect(try root("{\"é\":1,\"e\u{301}\":2}")["é"]?.int == 1)
  }

  @Test("a key is recognized without escapes only, where that is asked for")
  func spelling() throws {
    let keys = try #require(try root("{\"type\":0,\"typ\":0,\"t\\u0079pe\":0}").members).map(\.key)
    #expect(keys.map { $0.isSpelled("type") } == [true, false, false])
    #expect(try !root("1").isSpelled("1"))
  }

  @Test(
    "a pair is an array of exactly two", arguments: ["[]", "[1]", "[1,2,3]", "[[1,2]]", "{\"a\":1}", "1"])
  func notPair(text: String) throws {
    #expect(try root(text).elementPair == nil)
  }

  @Test("the parts of a pair may be anything")
  func pair() throws {
    let pair = try #require(try root("[[1,[2]],{\"a\":[]}]").elementPair)
    #expect(pair.0.sourceText == "[1,[2]]" && pair.1.sourceText == "{\"a\":[]}")
  }

  @Test("strings are read with and without escapes, in copies and in place")
  func strings() throws {
    for (text, expected) in [
      ("\"\"", ""), ("\"é\"", "é"),
      ("\"\\ud83d\\ude00\\n\\\"\\/\\b\\f\\t\\r\\\\\"", "😀\n\"/\u{8}\u{C}\t\r\\"),
      ("\"\\u0000\\u07ff\\uffff\"", "\0\u{7FF}\u{FFFF}"),
    ] {
      let value = try root(text)
      #expect(value.string == expected)
      #expect(value.utf8 == Array(expected.utf8))
      #expect(value.withUTF8 { Array($0) } == Array(expected.utf8))
    }
  }

  @Test("an error inside a loop over elements or members comes out, and ends the loop")
  func errors() throws {
    struct Stop: Error, Equatable { let at: Int }
    var seen = 0
    #expect(throws: Stop(at: 2)) {
      _ = try root("[1,2,3]").eachElement { (value) throws(Stop) in
        seen += 1
        if value.int == 2 { throw Stop(at: 2) }
      }
    }
    #expect(seen == 2)
  }

  @Test("a byte order mark in front is passed over, one elsewhere is not")
  func byteOrderMark() throws {
    #expect(try root("\u{FEFF} [1]").elements?.map(\.int) == [1])
    #expect(throws: JSONError.self) { try root("[\u{FEFF}1]") }
    #expect(throws: JSONError.self) { try root("\u{FEFF}\u{FEFF}1") }
  }

  @Test("numbers that JSON does not have are read where that is asked for")
  func nonFinite() throws {
    let values = try #require(
      try JSONDocument("[NaN, Infinity, -Infinity, -1]", options: .python).root.elements)
    let numbers = values.compactMap(\.double)
    #expect(numbers.count == 4 && numbers[0].isNaN)
    #expect(Array(numbers.dropFirst()) == [.infinity, -.infinity, -1])
    #expect(values.map(\.isInteger) == [false, false, false, true])
  }
}

@Suite("Writing JSON")
struct JSONWriterTests {
  @Test("commas come by themselves, keys keep their order")
  func structure() {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("z")
      writer.array { writer in
        writer.int(1)
        writer.array { _ in }
        writer.object { _ in }
        writer.null()
      }
      writer.key("a")
      writer.bool(false)
    }
    #expect(writer.text == #"{"z":[1,[],{},null],"a":false}"#)
  }

  @Test("only what must be escaped is")
  func escapes() {
    var writer = JSONWriter()
    writer.string("\"\\\n\r\t\u{8}\u{C}\u{0}\u{1F}\u{7F}/é😀")
    #expect(writer.text == "\"\\\"\\\\\\n\\r\\t\\b\\f\\u0000\\u001f\u{7F}/é😀\"")
    #expect(JSONEscape.spelling(of: "😀") == "\\ud83d\\ude00")
    #expect(JSONEscape.isNeeded(for: 0xC3, ensuresASCII: true) && !JSONEscape.isNeeded(for: 0xC3))
  }

  @Test("numbers are read back as they were, those that JSON does not have as null or as Python spells them")
  func numbers() throws {
    for number in [0.1, -0.0, 1e300, .leastNonzeroMagnitude, 1.7976931348623157e308, 123456789, 1e16] {
      var writer = JSONWriter()
      writer.double(number)
      #expect(try JSONDocument(writer.bytes).root.double?.bitPattern == number.bitPattern)
    }
    for (nonFinite, expected) in [
      (JSONWriter.NonFinite.null, "[null,null,null]"), (.spelled, "[NaN,Infinity,-Infinity]"),
    ] {
      var writer = JSONWriter(nonFinite: nonFinite)
      writer.array { writer in
        for number in [Double.nan, .infinity, -.infinity] { writer.double(number) }
      }
      #expect(writer.text == expected)
    }
  }
}
