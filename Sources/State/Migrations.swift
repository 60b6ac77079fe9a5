import GRDB

/// The tables of the state file, and how a file of an older version gets them.
///
/// A migration that has been released is never changed; a change to the tables is a new one at the end.
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("1") { try $0.execute(sql: first) }
    return migrator
  }

  /// - Throws: `DatabaseError`, as for any other damage, unless every table that the migrations make is there.
  static func checkTables(_ database: Database) throws {
    for table in ["template", "template_version", "model_setting", "conversation", "message"] {
      guard try database.tableExists(table) else {
        throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "the table \(table) is missing")
      }
    }
  }

  private static let first = """
    PRAGMA application_id = \(Opening.applicationID);

    -- Texts that may hold any character are BLOB columns, since SQLite's functions end a text at U+0000.

    -- A name and the last number that a version of it had; a name without versions was removed.
    CREATE TABLE template (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL UNIQUE,
      newest INTEGER NOT NULL,
      file_text BLOB
    ) STRICT;

    CREATE TABLE template_version (
      name TEXT NOT NULL REFERENCES template (name) ON DELETE CASCADE,
      version INTEGER NOT NULL,
      origin TEXT NOT NULL,
      source BLOB NOT NULL,
      summary BLOB NOT NULL,
      stop TEXT NOT NULL,
      PRIMARY KEY (name, version)
    ) STRICT;

    -- An empty value: reset to the model's own.
    CREATE TABLE model_setting (
      model TEXT NOT NULL,
      setting TEXT NOT NULL,
      value TEXT NOT NULL,
      PRIMARY KEY (model, setting)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE conversation (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      owner TEXT NOT NULL,
      name TEXT NOT NULL,
      version INTEGER NOT NULL,
      created_at REAL NOT NULL,
      changed_at REAL NOT NULL,
      messages INTEGER NOT NULL,
      bytes INTEGER NOT NULL,
      forked_from INTEGER,
      forked_at INTEGER,
      UNIQUE (owner, name)
    ) STRICT;
    CREATE INDEX conversation_changed ON conversation (changed_at, id);

    -- Messages and what is noted about answers, as the API encodes them.
    CREATE TABLE message (
      conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE,
      position INTEGER NOT NULL,
      message BLOB NOT NULL,
      answer BLOB,
      added_at REAL NOT NULL,
      PRIMARY KEY (conversation, position)
    ) STRICT;
    """
}
