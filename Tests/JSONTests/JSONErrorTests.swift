import JSON
import Testing

@Suite("What is not JSON, and where")
struct JSONErrorTests {
  private func error(_ text: String, _ options: JSONOptions = JSONOptions()) -> JSONError? {
    #expect(throws: JSONError.self) { try JSONDocument(text, name: "a.json", options: options) }
  }

  @Test(
    "an error says what was expected and where",
    arguments: [
      ("", 0, "the text ends too early; expected a value"),
      ("[1", 2, "the text ends too early; expected ',' or ']'"),
      ("[1,]", 3, "expected a value"), ("[1 2]", 3, "expected ',' or ']'"),
      ("{", 1, "the text ends too early; expected ',' or '}'"),
      ("{a:1}", 1, "expected a key in double quotes or '}'"),
      ("{\"a\":1,}", 7, "expected a key in double quotes"),
      ("{\"a\" 1}", 5, "expected ':'"), ("{\"a\":1 \"b\":2}", 7, "expected ',' or '}'"),
      ("1 2", 2, "nothing may follow the value"),
      ("01", 1, "a number must not begin with 0"), ("1.", 2, "the text ends too early; expected a digit"),
      ("-x", 1, "expected a digit"),
      ("nul", 0, "expected a value"),
      ("\"a", 2, "the text ends too early; expected '\"' at the end of a string"),
      ("\"\\x\"", 1, "expected one of \" \\ / b f n r t u after a backslash"),
      ("\"\\u12g4\"", 1, "expected four hexadecimal digits after \\u"),
      ("\"a\u{1}\"", 2, "a control character in a string must be escaped"),
      ("\"\\ud800\"", 1, "half a surrogate pair"),
      ("\"\\udc00\"", 1, "half a surrogate pair"), ("\"\\ud800\\u0041\"", 1, "half a surrogate pair"),
      ("NaN", 0, "expected a value"),
      ("-Infinity", 1, "expected a digit"),
    ])
  func places(text: String, offset: Int, reason: String) {
    let found = error(text)
    #expect(found?.reason == reason)
    #expect(found?.offset == offset)
  }

  @Test("lines and columns count from 1, columns in Unicode scalars, a byte order mark in none")
  func lines() {
    #expect(error("[1,\n \"é😀\" x]").map { [$0.line, $0.column] } == [2, 7])
    #expect(error("\u{FEFF}[x").map { [$0.line, $0.column, $0.offset] } == [1, 2, 4])
    #expect(error("[\r\n\r\n?").map { [$0.line, $0.column] } == [3, 1])
    #expect(
      error("[1,\n2")?.description == "a.json, line 2, column 2: the text ends too early; expected ',' or ']'"
    )
  }

  @Test(
    "bytes that are not UTF-8 are refused where they are",
    arguments: [
      [0x80], [0xC0, 0x80], [0xC3], [0xC3, 0x28], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82],
      [0xF0, 0x80, 0x80, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xF0, 0x9F, 0x98],
      [0xFF],
    ] as [[UInt8]])
  func encoding(bytes: [UInt8]) {
    let found = #expect(throws: JSONError.self) {
      try JSONDocument(Array("[\"a".utf8) + bytes + Array("\"]".utf8))
    }
    #expect(found?.offset == 3 && found?.reason == "a string is not UTF-8")
  }

  @Test("the first and the last scalar of every length of UTF-8 are read")
  func everyLength() throws {
    for scalar in [
      "\u{7F}", "\u{80}", "\u{7FF}", "\u{800}", "\u{D7FF}", "\u{E000}", "\u{FFFF}", "\u{10000}", "\u{10FFFF}",
    ] {
      #expect(try JSONDocument("\"\(scalar)\"").root.string == scalar)
    }
  }

  @Test(
    "nesting is allowed up to its limit and refused beyond, however long the text",
    arguments: ["[", "{\"a\":"])
  func depth(unit: String) throws {
    var options = JSONOptions()
    options.limits.depth = 5
    let close = unit == "[" ? "]" : "}"
    func nested(_ depth: Int) -> String {
      String(repeating: unit, count: depth) + "0" + String(repeating: close, count: depth)
    }
    #expect(try JSONDocument(nested(5), options: options).root.valueCount > 0)
    let found = error(nested(6), options)
    #expect(found?.problem == .limit(.depth, maximum: 5))
    #expect(found?.reason == "arrays and objects are nested more than 5 deep")
    #expect(error(String(repeating: unit, count: 500_000))?.problem == .limit(.depth, maximum: 128))
  }

  @Test("many texts beside each other may each be as deep as the limit")
  func breadth() throws {
    var options = JSONOptions()
    options.limits.depth = 2
    #expect(try JSONDocument("[[],[],{},[1,2]]", options: options).root.elements.map(Array.init)?.count == 4)
  }

  @Test("more values or bytes than the limits are refused")
  func amount() throws {
    var options = JSONOptions()
    options.limits.values = 5
    #expect(try JSONDocument("{\"a\":1,\"b\":2}", options: options).root.valueCount == 4)
    #expect(error("{\"a\":1,\"b\":[0]}", options)?.problem == .limit(.values, maximum: 5))
    options.limits.bytes = 4
    #expect(try JSONDocument("1234", options: options).root.int == 1234)
    #expect(error("12345", options)?.problem == .limit(.bytes, maximum: 4))
  }

  @Test("a key that comes twice is refused where that is asked for, however it is spelled")
  func duplicates() throws {
    var options = JSONOptions()
    options.refusesDuplicateKeys = true
    let found = error("{\"a\":{\"b\":1},\n \"\\u0061\":2}", options)
    #expect(found?.reason == "the key \"a\" occurs twice")
    #expect(found.map { [$0.line, $0.column] } == [2, 2])
    #expect(try JSONDocument("[{\"a\":1},{\"a\":{\"a\":2}}]", options: options).root.kind == .array)
    #expect(try JSONDocument("{\"é\":1,\"e\u{301}\":2}", options: options).root["e\u{301}"]?.int == 2)
  }
}
