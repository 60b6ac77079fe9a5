import Chat
import Testing

@Suite("Stop strings in a stream")
struct StopStringFilterTests {
  /// Feeds pieces; gives all shown text and what matched.
  private func feed(_ stops: [String], _ pieces: [String]) -> (shown: [String], matched: String?) {
    var filter = StopStringFilter(stops)
    var shown: [String] = []
    for piece in pieces {
      let result = filter.push(piece)
      shown.append(result.text)
      if let matched = result.matched { return (shown, matched) }
    }
    shown.append(filter.finish())
    return (shown, nil)
  }

  @Test("holds back only what may still become a stop string")
  func holding() {
    let result = feed(["USER:"], ["Hi US", "A and U", "SER", ":x"])
    #expect(result.shown == ["Hi ", "USA and ", "", ""])
    #expect(result.matched == "USER:")
  }

  @Test("shows what was held back when the text ends")
  func ending() {
    let result = feed(["USER:"], ["ask the USER"])
    #expect(result.shown == ["ask the ", "USER"] && result.matched == nil)
  }

  @Test("the longest of the strings that end together is cut off")
  func together() {
    let result = feed(["R:", "USER:"], ["a USER: b"])
    #expect(result.shown == ["a "] && result.matched == "USER:")
  }

  @Test("never splits a code point")
  func codePoints() {
    let result = feed(["바나나"], ["노란 바", "나", "무 바나", "나"])
    #expect(result.shown.joined() == "노란 바나무 " && result.matched == "바나나")
  }

  @Test("agrees with a search in the whole text, however it is cut")
  func anyCut() {
    var seed: UInt64 = 7
    func random(_ bound: Int) -> Int {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(seed >> 33) % bound
    }
    for _ in 0..<2000 {
      let letters = Array("abé")
      func word(_ length: Int) -> String { String((0..<length).map { _ in letters[random(3)] }) }
      let stops = (0..<(1 + random(3))).map { _ in word(1 + random(4)) }
      let pieces = (0..<6).map { _ in word(random(5)) }
      let whole = Array(pieces.joined().utf8)
      var expected: (end: Int, length: Int)?
      for stop in stops {
        let bytes = Array(stop.utf8)
        for start in whole.indices where whole[start...].starts(with: bytes) {
          let found = (end: start + bytes.count, length: bytes.count)
          if expected.map({ found.end < $0.end || (found.end == $0.end && found.length > $0.length) }) ?? true
          {
            expected = found
          }
        }
      }
      let result = feed(stops, pieces)
      let shown = Array(result.shown.joined().utf8)
      #expect(shown == (expected.map { Array(whole[..<($0.end - $0.length)]) } ?? whole))
      #expect((result.matched != nil) == (expected != nil))
    }
  }

  @Test("refuses empty, long and many strings")
  func limits() {
    #expect(throws: ChatError.self) { try StopStringFilter.check([""]) }
    #expect(throws: ChatError.self) { try StopStringFilter.check([String(repeating: "x", count: 1025)]) }
    #expect(throws: ChatError.self) { try StopStringFilter.check(Array(repeating: "x", count: 65)) }
  }
}
