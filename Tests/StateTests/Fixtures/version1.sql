-- A state file as version 1 of its tables had it. Never changed: files of this form are out there.
PRAGMA application_id = 1463963203;
CREATE TABLE grdb_migrations (identifier TEXT NOT NULL PRIMARY KEY);
INSERT INTO grdb_migrations VALUES ('1');
CREATE TABLE template (
  id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, newest INTEGER NOT NULL, file_text BLOB
) STRICT;
CREATE TABLE template_version (
  name TEXT NOT NULL REFERENCES template (name) ON DELETE CASCADE, version INTEGER NOT NULL, origin TEXT NOT NULL,
  source BLOB NOT NULL, summary BLOB NOT NULL, stop TEXT NOT NULL, PRIMARY KEY (name, version)
) STRICT;
CREATE TABLE model_setting (
  model TEXT NOT NULL, setting TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (model, setting)
) STRICT, WITHOUT ROWID;
CREATE TABLE conversation (
  id INTEGER PRIMARY KEY AUTOINCREMENT, owner TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
  created_at REAL NOT NULL, changed_at REAL NOT NULL, messages INTEGER NOT NULL, bytes INTEGER NOT NULL,
  forked_from INTEGER, forked_at INTEGER, UNIQUE (owner, name)
) STRICT;
CREATE INDEX conversation_changed ON conversation (changed_at, id);
CREATE TABLE message (
  conversation INTEGER NOT NULL REFERENCES conversation (id) ON DELETE CASCADE, position INTEGER NOT NULL,
  message BLOB NOT NULL, answer BLOB, added_at REAL NOT NULL, PRIMARY KEY (conversation, position)
) STRICT;
INSERT INTO template VALUES (1, 'mine', 4, NULL), (2, 'gone', 2, CAST('text of a file' AS BLOB)), (3, 'odd', 3, NULL);
INSERT INTO template_version VALUES ('mine', 3, 'client', CAST('{{ 3 }}' AS BLOB), CAST('three' AS BLOB), '["a","b\n"]');
INSERT INTO template_version VALUES ('mine', 4, 'plugin', CAST('{{ 4 }}' AS BLOB), x'', '[]');
INSERT INTO template_version VALUES ('odd', 1, 'elsewhere', x'', x'', '[]'), ('odd', 9, 'client', x'', x'', '[]');
INSERT INTO template_version VALUES ('odd', 2, 'client', x'', x'', 'no JSON'), ('odd', 3, 'client', CAST('fine' AS BLOB), x'', '[]');
INSERT INTO model_setting VALUES ('smollm2', 'template', 'mine'), ('smollm2', 'preset', ''), ('m', 'later', 'x');
INSERT INTO conversation VALUES (5, 'local', 'trip', 2, 1000.5, 2000.5, 2, 10, 3, 1);
INSERT INTO message VALUES (5, 0, x'0A0475736572', NULL, 1000.5), (5, 1, x'0A05', x'0801', 2000.5);
