import Runtime
import TestSupport
import Testing

@testable import State

@Suite("Conversations in the state file", .timeLimit(.minutes(60))) struct ConversationTableTests {
  private func texts(_ file: StateFile, _ id: Int64) async throws -> [String] {
    try await file.messages(of: id).messages.map { String(decoding: $0.message, as: UTF8.self) }
  }

  @Test("Messages are added and dropped in one step, under conditions") func appending() async throws {
    let file = try StateFile.inMemory()
    let made = try await file.create("a", [message("1")], by: me)
    #expect(made.version == 1 && made.messages == 1 && made.bytes == 1)
    let second = try await file.append([message("2"), message("three")], to: made.id)
    #expect(second.version == 2 && second.messages == 3 && second.bytes == 7)
    let third = try await file.append([message("4")], to: made.id, .init(keep: 1, ifVersion: 2))
    #expect(third.version == 3 && third.messages == 2 && third.bytes == 2)
    #expect(try await texts(file, made.id) == ["1", "4"])
    for change in [ConversationChange(ifVersion: 2), .init(keep: 3), .init(keep: -1)] {
      await #expect(throws: WorkbenchError.self) {
        _ = try await file.append([message("x")], to: made.id, change)
      }
    }
    #expect(try await texts(file, made.id) == ["1", "4"])
    #expect(try await file.append([], to: made.id, .init(keep: 0)).bytes == 0)
  }

  @Test("Appends at the same time are all kept, each whole") func concurrent() async throws {
    let file = try StateFile.inMemory()
    let made = try await file.create("a", [], by: me)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for number in 0..<50 {
        group.addTask {
          _ = try await file.append([message("\(number) a"), message("\(number) b")], to: made.id)
        }
      }
      try await group.waitForAll()
    }
    let all = try await texts(file, made.id)
    #expect(all.count == 100 && Set(all).count == 100)
    for index in stride(from: 0, to: 100, by: 2) {
      #expect(all[index].dropLast(2) == all[index + 1].dropLast(2))
    }
    #expect(try await file.conversation("a", in: me).version == 51)
  }

  @Test("A fork takes the first messages, and neither changes the other") func forking() async throws {
    let file = try StateFile.inMemory()
    let made = try await file.create("a", [message("1"), message("2"), message("3")], by: me)
    let fork = try await file.fork(made.id, keep: 2, name: "b", by: me)
    #expect(fork.fork == .init(id: made.id, messages: 2))
    _ = try await file.append([message("x")], to: fork.id)
    try await file.delete(made.id, ifVersion: nil)
    #expect(try await texts(file, fork.id) == ["1", "2", "x"])
    await #expect(throws: WorkbenchError.self) { _ = try await file.messages(of: made.id) }
    await #expect(throws: WorkbenchError.self) {
      _ = try await file.fork(fork.id, keep: 4, name: nil, by: me)
    }
  }

  @Test("Names are each owner's own; only some reach those of others, by number or a name that is clear")
  func reach() async throws {
    let file = try StateFile.inMemory()
    let other = ConversationReach(owner: "token:ci", isEverybodys: false)
    let third = ConversationReach(owner: "token:x", isEverybodys: false)
    let all = ConversationReach(owner: "local", isEverybodys: true)
    let mine = try await file.create("a", [], by: me)
    let theirs = try await file.create("a", [], by: other)
    let only = try await file.create("b", [], by: other)
    _ = try await file.create("c", [], by: other)
    _ = try await file.create("c", [], by: third)
    #expect(try await file.conversation("a", in: other).id == theirs.id)
    #expect(try await file.conversation("a", in: all).id == mine.id)
    #expect(try await file.conversation("b", in: all).id == only.id)
    #expect(try await file.conversation("\(theirs.id)", in: all).id == theirs.id)
    for (reference, reach) in [("\(theirs.id)", me), ("b", me), ("b", third), ("none", all), ("", all)] {
      let error = await #expect(throws: WorkbenchError.self) {
        _ = try await file.conversation(reference, in: reach)
      }
      #expect(error?.kind == .notFound)
    }
    let unclear = await #expect(throws: WorkbenchError.self) { _ = try await file.conversation("c", in: all) }
    #expect(unclear?.kind == .failedPrecondition && unclear?.message.contains("give a number") == true)
    let taken = await #expect(throws: WorkbenchError.self) { _ = try await file.create("a", [], by: me) }
    #expect(taken?.kind == .alreadyExists)
    #expect(try await file.conversations(in: other, atMost: 9).count == 3)
    #expect(try await file.conversations(in: all, atMost: 9).count == 5)
  }

  @Test("A list comes in pages, the newest change first, and nothing is left out") func pages() async throws {
    let file = try StateFile.inMemory()
    var ids: [Int64] = []
    for number in 0..<25 { ids.append(try await file.create("c\(number)", [], by: me).id) }
    _ = try await file.append([message("x")], to: ids[3])
    var found: [Int64] = []
    var cursor: ConversationCursor?
    repeat {
      let page = try await file.conversations(in: me, after: cursor, atMost: 7)
      found += page.map(\.id)
      cursor = page.last.map { .init(changedAt: $0.changedAt, id: $0.id) }
    } while cursor != nil
    #expect(found.first == ids[3] && found.count == 25 && Set(found) == Set(ids))
  }

  @Test("A name is printable text, and not a number") func names() async throws {
    let file = try StateFile.inMemory()
    for name in ["", "12", "a\nb", " a", "a ", "\u{1B}[2J", String(repeating: "x", count: 129)] {
      let error = await #expect(throws: WorkbenchError.self) { _ = try await file.create(name, [], by: me) }
      #expect(error?.kind == .invalidArgument, "\(name)")
    }
    for name in ["여행 계획", "a/b", "12a"] { _ = try await file.create(name, [], by: me) }
    let made = try await file.create(nil, [], by: me)
    #expect(made.name == "chat-\(made.id)")
    _ = try await file.create("chat-\(made.id + 2)", [], by: me)
    #expect(try await file.create(nil, [], by: me).name != "chat-\(made.id + 2)")
    await #expect(throws: WorkbenchError.self) {
      _ = try await file.rename(made.id, to: "a/b", ifVersion: nil)
    }
    #expect(try await file.rename(made.id, to: "later", ifVersion: 1).version == 2)
  }

  @Test("Limits refuse what is too much and leave the rest") func limits() async throws {
    let file = try StateFile.inMemory()
    let made = try await file.create("a", [], by: me)
    let large = String(repeating: "x", count: StateLimits.conversationBytes)
    _ = try await file.append([message(large)], to: made.id)
    let error = await #expect(throws: WorkbenchError.self) {
      _ = try await file.append([message("y")], to: made.id)
    }
    #expect(error?.kind == .resourceExhausted && error?.message.contains("8 MiB") == true)
    let many = Array(repeating: message(""), count: StateLimits.messages + 1)
    let count = await #expect(throws: WorkbenchError.self) { _ = try await file.create("b", many, by: me) }
    #expect(count?.kind == .resourceExhausted)
    #expect(try await file.conversations(in: me, atMost: 9).map(\.name) == ["a"])
    #expect(try await texts(file, made.id) == [large])
  }

  @Test("Several are made together or not at all") func together() async throws {
    let file = try StateFile.inMemory()
    await #expect(throws: WorkbenchError.self) {
      _ = try await file.create([("a", [message("1")]), ("a", [])], by: me)
    }
    #expect(try await file.conversations(in: me, atMost: 9).isEmpty)
    #expect(try await file.create([("a", [message("1")]), (nil, [])], by: me).count == 2)
  }
}
