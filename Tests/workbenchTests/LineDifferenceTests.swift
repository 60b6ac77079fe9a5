import Testing

@testable import workbench

@Suite struct LineDifferenceTests {
  @Test("Changes are shown with three lines around them, stretches without any are left out")
  func context() {
    let old = (1...20).map { "\($0)"[...] }
    var new = old
    new[1] = "two"
    new.remove(at: 17)
    new.append("21")
    #expect(
      LineDifference(old, new).text
        == """
        @@
         1
        -2
        +two
         3
         4
         5
        @@
         15
         16
         17
        -18
         19
         20
        +21

        """.replacing("@@\n 1\n-2", with: " 1\n-2"))
  }

  @Test("Equal texts have no difference")
  func equal() {
    #expect(LineDifference(["a", "b"], ["a", "b"]).isEmpty)
    #expect(LineDifference([], []).text.isEmpty)
  }
}
