import Foundation
import TestSupport
import Testing

@Suite("The gateway's page, in a browser", .serialized)
struct PageTests {
  /// Where the script leaves what the browser showed when it failed.
  private static let pictures = InteroperationTests.root.appendingPathComponent(".build/page-tests")
  private static let hasBrowser = ["chromium", "chromedriver"].allSatisfy {
    FileManager.default.isExecutableFile(atPath: "/usr/bin/\($0)")
  }
  private static let model = ProcessInfo.processInfo.environment["WORKBENCH_TEST_MODEL"]

  @Test(
    "Chat, prompt, sampling, compare and models work by keyboard, in both schemes, wide and narrow",
    .enabled(if: InteroperationTests.python != nil, "needs WORKBENCH_TEST_PYTHON, which make test sets"),
    .enabled(if: model != nil, "needs WORKBENCH_TEST_MODEL, which make test sets"),
    .enabled(if: hasBrowser, "needs Debian's chromium and chromium-driver, which make test installs"))
  func page() async throws {
    let daemon = try await TestDaemon()
    try await daemon.load(try #require(Self.model), name: "m")
    let gateway = try await TestGateway(daemon)
    let script = InteroperationTests.root.appendingPathComponent("Tests/EndToEndTests/Python/page.py").path
    let python = URL(fileURLWithPath: try #require(InteroperationTests.python))
    let result = try await run(
      python, [script, "\(gateway.url)/#key=\(gateway.pageKey)", "m", Self.pictures.path])
    #expect(result.status == 0 && result.output.hasSuffix("ok\n"), "\(result.output)\(result.error)")
  }
}
