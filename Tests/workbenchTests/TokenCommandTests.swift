import Access
import Glibc
import Testing

@testable import workbench

@Suite("The commands about tokens") struct TokenCommandTests {
  @Test("A token is printed once, listed by name, and revoked")
  func life() async throws {
    let scratch = Scratch()
    let file = ["--tokens-file", scratch.file("tokens")]
    let created = await run(["token", "create", "ci", "--role", "use"] + file, in: scratch)
    #expect(created.status == .success && created.error.contains("not shown again"))
    let token = String(created.output.dropLast())
    #expect(token.hasPrefix("wb_") && created.output.hasSuffix("\n"))
    #expect(!Scratch.contents(scratch.file("tokens")).contains(token))
    let store = try TokenStore(path: scratch.file("tokens"))
    #expect(store.entry(of: token)?.role == .use)
    let list = await run(["token", "list"] + file, in: scratch)
    #expect(list.output == "NAME  ROLE\nci    use\n")
    let again = await run(["token", "create", "ci", "--role", "read"] + file, in: scratch)
    #expect(again.status == .refused && again.output == "")
    let revoked = await run(["token", "revoke", "ci"] + file, in: scratch)
    #expect(revoked.status == .success && store.entry(of: token) == nil)
    let unknown = await run(["token", "revoke", "ci"] + file, in: scratch)
    #expect(unknown.status == .notFound)
  }

  @Test("A wrong name or role, and a missing file, say what is right")
  func mistakes() async throws {
    let scratch = Scratch()
    let file = ["--tokens-file", scratch.file("tokens")]
    let role = await run(["token", "create", "ci", "--role", "admin"] + file, in: scratch)
    #expect(role.status == .usage && role.error.contains("manage"))
    let name = await run(["token", "create", "a b", "--role", "use"] + file, in: scratch)
    #expect(name.status == .usage && name.error.contains("letters, digits"))
    let list = await run(["token", "list"] + file, in: scratch)
    #expect(list.status == .notFound)
    #expect(access(scratch.file("tokens"), F_OK) != 0)
  }
}
