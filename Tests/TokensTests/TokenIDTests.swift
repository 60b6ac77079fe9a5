import Testing
import Tokens

@Suite("Token ids")
struct TokenIDTests {
  @Test("a number, an index and a literal name the same token")
  func sources() {
    let id: TokenID = 7
    #expect(id == TokenID(rawValue: 7) && id == TokenID(7))
    #expect((id.rawValue, id.index) == (7, 7))
  }

  @Test("an id subscripts an array of as many elements as the vocabulary has pieces")
  func index() {
    let pieces = ["a", "b", "c"]
    #expect(pieces.indices.map { pieces[TokenID($0).index] } == pieces)
    #expect(TokenID(Int(Int32.max)).index == 2_147_483_647)
  }

  @Test("ids order as their numbers do, negative ones first")
  func order() {
    let ids: [TokenID] = [3, -1, 0, 2_147_483_647, 2]
    #expect(ids.sorted() == [-1, 0, 2, 3, 2_147_483_647])
    #expect(!((5 as TokenID) < 5))
  }

  @Test("a negative number, such as the -1 of model files, survives unchanged")
  func negative() {
    let none: TokenID = -1
    #expect(none.rawValue == -1 && none.index == -1)
    #expect(TokenID(rawValue: .min).rawValue == .min)
  }

  @Test("equal ids are one key of a dictionary or a set")
  func hashing() {
    #expect(Set([TokenID(1), 1, 2]).count == 2)
    #expect([TokenID(4): "a"][4] == "a")
  }

  @Test("an id prints as its bare number")
  func description() {
    #expect("\([0, -1, 49_152] as [TokenID])" == "[0, -1, 49152]")
  }

  #if os(Linux)
    @Test("an index beyond 31 bits ends the process rather than naming another token")
    func overflow() async {
      await #expect(processExitsWith: .failure) { _ = TokenID(1 << 31) }
      await #expect(processExitsWith: .failure) { _ = TokenID(-(1 << 31) - 1) }
    }
  #endif
}
