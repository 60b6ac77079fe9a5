import Foundation
import GRDB
import TestSupport

@testable import State

/// A state file in a folder that goes away with the test.
struct Place {
  let folder: TemporaryFolder
  let path: String

  init() throws {
    folder = try TemporaryFolder()
    path = folder.file("kept/state.db")
  }

  func open() async throws -> StateFile { try await StateFile.open(path) }

  /// Runs SQL on the file as another program would.
  func execute(_ sql: String) throws {
    try FileManager.default.createDirectory(
      atPath: folder.file("kept"), withIntermediateDirectories: true)
    let queue = try DatabaseQueue(path: path)
    try queue.inDatabase { try $0.execute(sql: sql) }
    try queue.close()
  }

  /// The names in its folder.
  func names() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.file("kept")).sorted()
  }
}

/// A message of so many bytes.
func message(_ text: String) -> StoredMessage { StoredMessage(message: Array(text.utf8)) }

let me = ConversationReach(owner: "local", isEverybodys: false)
