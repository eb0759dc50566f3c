-- first_codes: one-time codes by which a person of the hub sets a password,
-- by their hash; used once, and gone after one wrong try.
CREATE TABLE first_codes (
  person TEXT PRIMARY KEY, hash TEXT NOT NULL, until INTEGER NOT NULL
) STRICT;
