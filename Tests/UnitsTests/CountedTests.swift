import Testing
import Units

@Suite("Numbers and what they count") struct CountedTests {
  @Test("One is counted in the singular")
  func counts() {
    #expect([0, 1, 2].map { counted($0, "restart") } == ["0 restarts", "1 restart", "2 restarts"])
  }
}
