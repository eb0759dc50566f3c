-- Who signs letters, what was restored, and what people answered.

-- hands: the staff of the sites and their keys for signing letters, from
-- staff.enrolled, staff.duties_set, staff.key_made and staff.left. A
-- projection; key_at and left_at are 0 while there was none.
CREATE TABLE hands (
  site TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, duties TEXT NOT NULL, sign_key TEXT NOT NULL, key_at INTEGER NOT NULL,
  left_at INTEGER NOT NULL, PRIMARY KEY (site, person)
) STRICT, WITHOUT ROWID;

-- restores: from installation.restored and installation.adjudicated. A
-- projection; letters and complete are 0 or 1, accounted_at is 0 while nobody
-- has accounted for the letters.
CREATE TABLE restores (
  site TEXT NOT NULL, number INTEGER NOT NULL, of_number INTEGER NOT NULL, of_size INTEGER NOT NULL, of_hash TEXT NOT NULL, at INTEGER NOT NULL,
  by_person TEXT NOT NULL, letters INTEGER NOT NULL, complete INTEGER NOT NULL, accounted_at INTEGER NOT NULL, account TEXT NOT NULL, PRIMARY KEY (site, number)
) STRICT, WITHOUT ROWID;

-- answers: from programme.incident_answered and programme.pair_answered. A
-- projection of the hub's own journal; about is the incident, or both patients
-- with a slash between. It stands by itself, because tables that are filled
-- anew may hear an answer before what it answers.
CREATE TABLE answers (
  about TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, site TEXT NOT NULL, day INTEGER NOT NULL, answer TEXT NOT NULL, same INTEGER NOT NULL,
  at INTEGER NOT NULL, by_person TEXT NOT NULL, PRIMARY KEY (about, seq)
) STRICT, WITHOUT ROWID;

-- filled: which projections were made of the entries that were here before them.
CREATE TABLE filled (
  what TEXT PRIMARY KEY
) STRICT, WITHOUT ROWID;

-- number: the giver's installation; 0 while only the giving is known.
ALTER TABLE letters ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
ALTER TABLE incidents DROP COLUMN answer;
ALTER TABLE pairs DROP COLUMN answer;
