-- What the hub keeps beside its own journal; nothing here is a projection.

-- secrets: hashes of the hub people's passwords.
CREATE TABLE secrets (
  person TEXT PRIMARY KEY, password TEXT NOT NULL, tries INTEGER NOT NULL DEFAULT 0, locked_until INTEGER NOT NULL DEFAULT 0
) STRICT;

-- codes: by which a site may ask to join, by their hash; used once.
CREATE TABLE codes (
  hash BLOB PRIMARY KEY, until INTEGER NOT NULL, by TEXT NOT NULL, request TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

-- requests: sites that asked to join. answer is '' while nobody has answered,
-- then approved or refused.
CREATE TABLE requests (
  request TEXT PRIMARY KEY, site TEXT NOT NULL, at INTEGER NOT NULL, body TEXT NOT NULL, answer TEXT NOT NULL DEFAULT '', why TEXT NOT NULL DEFAULT '',
  answered_by TEXT NOT NULL DEFAULT ''
) STRICT;
