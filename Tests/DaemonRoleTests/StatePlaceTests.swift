import Runtime
import Testing

@testable import DaemonRole

@Suite("The place of the state file") struct StatePlaceTests {
  @Test(
    "It is what was asked for, or in the folder that the environment names",
    arguments: [
      ("/x/s.db", [:], "/x/s.db"), ("none", ["HOME": "/h"], nil),
      (nil, ["XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/workbench/state.db"),
      (nil, ["HOME": "/h"], "/h/.local/state/workbench/state.db"),
      (nil, ["XDG_STATE_HOME": "relative", "HOME": "/h"], "/h/.local/state/workbench/state.db"),
    ] as [(String?, [String: String], String?)])
  func path(asked: String?, environment: [String: String], expected: String?) throws {
    #expect(try StatePlace.path(asked) { environment[$0] } == expected)
  }

  @Test("Without a folder the daemon says what to do") func nowhere() {
    let error = #expect(throws: WorkbenchError.self) { _ = try StatePlace.path(nil) { _ in nil } }
    #expect(error?.message.contains("--state none") == true)
  }
}
