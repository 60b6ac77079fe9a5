import Foundation
import GRDB
import Glibc
import Runtime
import TestSupport
import Testing

@testable import State

@Suite("The state file", .timeLimit(.minutes(60))) struct StateFileTests {
  private func mode(_ path: String) -> mode_t {
    var status = stat()
    return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
  }

  /// The error that opening it ends with.
  private func refusal(_ place: Place) async -> WorkbenchError? {
    do {
      await (try await place.open()).close()
      return nil
    } catch {
      return error as? WorkbenchError
    }
  }

  @Test("It is made with its folder, closed to others, and keeps what was written") func reopened()
    async throws
  {
    let place = try Place()
    let first = try await place.open()
    #expect(first.isDurable && first.damagedCopy == nil && first.bytes > 0)
    let template = StoredTemplate(
      name: "mine", newest: 2, fileText: "file",
      versions: [1, 2].map { number in
        var version = TemplateSource(
          name: "mine", source: "{{ \(number) }}\u{0}한", stop: ["\"", "\n"], origin: .client, summary: "s")
        version.version = number
        return version
      })
    try await first.save(template, before: [])
    try await first.save(ModelSettings(template: "mine", preset: ""), of: "m")
    let conversation = try await first.create("talk", [message("hi"), message("ho")], by: me)
    await first.close()
    for (path, expected) in [(place.path, 0o600), (place.folder.file("kept"), 0o700)] as [(String, mode_t)] {
      #expect(mode(path) == expected, "\(path)")
    }
    let second = try await place.open()
    #expect(try await second.templates() == StoredTemplates(templates: [template], unreadable: []))
    #expect(try await second.settings(of: "m") == ModelSettings(template: "mine", preset: ""))
    #expect(try await second.settings(of: "other") == ModelSettings())
    #expect(try await second.conversation("talk", in: me) == conversation)
    #expect(
      try await second.messages(of: conversation.id).messages.map(\.message) == [
        Array("hi".utf8), Array("ho".utf8),
      ])
    await second.close()
  }

  @Test("Each commit is on the disk when it returns: write-ahead log, synchronous = FULL") func durability()
    async throws
  {
    let place = try Place()
    let file = try await place.open()
    #expect(try await file.read { try String.fetchOne($0, sql: "PRAGMA journal_mode") } == "wal")
    #expect(try await file.read { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2)
    await file.close()
  }

  @Test("Another daemon cannot use it at the same time, and learns who does") func locked() async throws {
    let place = try Place()
    let first = try await place.open()
    let error = await refusal(place)
    #expect(error?.kind == .failedPrecondition)
    #expect(error?.message.contains("in use by another daemon (process \(getpid()))") == true)
    #expect(error?.message.contains("--state FILE") == true)
    await first.close()
    #expect(await refusal(place) == nil)
  }

  @Test("A file that another program has locked is an error, and stays as it is") func lockedByOthers()
    async throws
  {
    let place = try Place()
    await (try await place.open()).close()
    let other = try DatabaseQueue(path: place.path)
    try await other.writeWithoutTransaction { database in
      try database.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
    }
    let error = await refusal(place)
    #expect(error?.kind == .unavailable && error?.message.contains("locked by another program") == true)
    try other.close()
    #expect(await refusal(place) == nil)
    #expect(try place.names().allSatisfy { !$0.contains("damaged") })
  }

  @Test("A file of a newer version is refused and stays as it is") func newer() async throws {
    let place = try Place()
    await (try await place.open()).close()
    try place.execute("INSERT INTO grdb_migrations VALUES ('2 of the future')")
    let before = try Data(contentsOf: URL(fileURLWithPath: place.path))
    let error = await refusal(place)
    #expect(error?.kind == .failedPrecondition)
    #expect(error?.message.contains("written by a newer version of workbenchd") == true)
    #expect(try Data(contentsOf: URL(fileURLWithPath: place.path)) == before)
  }

  @Test("The database of another program is refused and stays as it is") func foreign() async throws {
    let place = try Place()
    try place.execute("CREATE TABLE bookmarks (url TEXT); INSERT INTO bookmarks VALUES ('x')")
    let error = await refusal(place)
    #expect(error?.kind == .failedPrecondition)
    #expect(error?.message.contains("a database of another program") == true)
    #expect(try place.names().allSatisfy { !$0.contains("damaged") })
  }

  @Test(
    "A damaged file is moved aside with its log, and a new one is begun",
    arguments: ["text", "header", "page", "cut", "table"])
  func damaged(how: String) async throws {
    let place = try Place()
    let file = try await place.open()
    for number in 0..<50 {
      _ = try await file.create("c\(number)", [message(String(repeating: "x", count: 5_000))], by: me)
    }
    await file.close()
    var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: place.path)))
    switch how {
    case "text": bytes = Array("this is no database at all, and long enough to be looked at\n".utf8)
    case "header": bytes[0..<16] = Array(repeating: 0x7A, count: 16)[...]
    case "page": for place in 4_096..<16_384 { bytes[place] = 0xA5 }
    case "cut": bytes = Array(bytes.prefix(20_000))
    default: break
    }
    if how == "table" {
      try place.execute("DROP TABLE message")
    } else {
      try writeFile(place.path, bytes)
    }
    let fresh = try await place.open()
    let copy = try #require(fresh.damagedCopy, "\(how)")
    #expect(copy.contains("state.db.damaged-20"))
    if how != "table" { #expect([UInt8](try Data(contentsOf: URL(fileURLWithPath: copy))) == bytes) }
    #expect(try await fresh.conversations(in: me, atMost: 10).isEmpty)
    _ = try await fresh.create("new", [], by: me)
    await fresh.close()
    let again = try await place.open()
    #expect(again.damagedCopy == nil)
    #expect(try await again.conversations(in: me, atMost: 10).map(\.name) == ["new"])
    await again.close()
  }

  @Test("Damaged files of the same day do not overwrite each other") func damagedTwice() async throws {
    let place = try Place()
    var copies: Set<String> = []
    for number in 0..<3 {
      await (try await place.open()).close()
      try writeFile(
        place.path, Array("no database, number \(number), but long enough to be taken for one".utf8))
      let file = try await place.open()
      copies.insert(try #require(file.damagedCopy))
      await file.close()
    }
    #expect(copies.count == 3)
  }

  @Test("A full file refuses what does not fit, changes nothing, and goes on") func full() async throws {
    let place = try Place()
    let file = try await StateFile.open(place.path, bytes: 300_000)
    var kept = 0
    var failure: WorkbenchError?
    while failure == nil, kept < 1_000 {
      do {
        _ = try await file.create("c\(kept)", [message(String(repeating: "x", count: 10_000))], by: me)
        kept += 1
      } catch {
        failure = error as? WorkbenchError
      }
    }
    #expect(failure?.kind == .resourceExhausted && failure?.message.contains("nothing was changed") == true)
    #expect(kept > 5 && kept < 100)
    #expect(try await file.conversations(in: me, atMost: 1_000).count == kept)
    try await file.delete(file.conversation("c0", in: me).id, ifVersion: nil)
    _ = try await file.create("again", [message(String(repeating: "x", count: 5_000))], by: me)
    await file.close()
    let reopened = try await place.open()
    #expect(reopened.damagedCopy == nil)
    #expect(try await reopened.conversations(in: me, atMost: 1_000).count == kept)
    await reopened.close()
  }

  @Test("What is not a file, or not this user's to use, is refused by name") func places() async throws {
    let place = try Place()
    for path in ["", "a\u{0}b", place.folder.path + "/"] {
      await #expect(throws: WorkbenchError.self) { _ = try await StateFile.open(path) }
    }
    let error = await #expect(throws: WorkbenchError.self) { _ = try await StateFile.open(place.folder.path) }
    #expect(error?.message.contains("is not a regular file") == true)
    try writeFile(place.folder.file("plain"), [])
    let blocked = await #expect(throws: WorkbenchError.self) {
      _ = try await StateFile.open(place.folder.file("plain/state.db"))
    }
    #expect(blocked?.message.contains("--state none") == true)
    let loose = place.folder.file("loose.db")
    try writeFile(loose, [])
    chmod(loose, 0o644)
    await (try await StateFile.open(loose)).close()
    #expect(mode(loose) == 0o600)
  }

  @Test("State in memory takes the same, and is not kept") func memory() async throws {
    let file = try StateFile.inMemory()
    #expect(!file.isDurable && file.bytes == 0)
    _ = try await file.create("talk", [message("hi")], by: me)
    #expect(try await file.conversation("talk", in: me).messages == 1)
    await file.close()
  }

  @Test("A file of version 1 is read; what cannot be read is listed with its reason and stays")
  func version1()
    async throws
  {
    let place = try Place()
    let url = try #require(
      Bundle.module.url(forResource: "version1", withExtension: "sql", subdirectory: "Fixtures"))
    try place.execute(try String(contentsOf: url, encoding: .utf8))
    let file = try await place.open()
    #expect(file.damagedCopy == nil)
    let templates = try await file.templates()
    #expect(templates.templates.map(\.name) == ["mine", "gone", "odd"])
    #expect(templates.templates.map(\.newest) == [4, 2, 3])
    #expect(templates.templates.map { $0.versions.map(\.version) } == [[3, 4], [], [3]])
    #expect(templates.templates[0].versions.map(\.stop) == [["a", "b\n"], []])
    #expect(templates.templates[0].versions.map(\.origin) == [.client, .plugin])
    #expect(templates.templates[1].fileText == "text of a file")
    #expect(templates.unreadable.count == 3)
    #expect(templates.unreadable.first?.contains("template 'odd', version 1: its origin 'elsewhere'") == true)
    var odd = templates.templates[2]
    odd.versions[0].version = 4
    odd.newest = 4
    try await file.save(odd, before: [3])
    #expect(try await file.templates().unreadable.count == 3)
    #expect(try await file.settings(of: "smollm2") == ModelSettings(template: "mine", preset: ""))
    let trip = try await file.conversation("trip", in: me)
    #expect(trip.id == 5 && trip.version == 2 && trip.fork == .init(id: 3, messages: 1))
    let messages = try await file.messages(of: 5).messages
    #expect(messages.map(\.answer) == [nil, [8, 1]] && messages.map(\.addedAt) == [1000.5, 2000.5])
    #expect(try await file.create(nil, [], by: me).name == "chat-6")
    await file.close()
  }
}
