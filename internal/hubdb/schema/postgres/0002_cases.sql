-- Who signs letters, what was restored, and what people answered.

-- hands: the staff of the sites and their keys for signing letters, from
-- staff.enrolled, staff.duties_set, staff.key_made and staff.left. A
-- projection; key_at and left_at are 0 while there was none.
CREATE TABLE hands (
  site TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL, duties TEXT NOT NULL, sign_key TEXT NOT NULL, key_at BIGINT NOT NULL,
  left_at BIGINT NOT NULL, PRIMARY KEY (site, person)
);

-- restores: from installation.restored and installation.adjudicated. A
-- projection; letters and complete are 0 or 1, accounted_at is 0 while nobody
-- has accounted for the letters.
CREATE TABLE restores (
  site TEXT NOT NULL, number BIGINT NOT NULL, of_number BIGINT NOT NULL, of_size BIGINT NOT NULL, of_hash TEXT NOT NULL, at BIGINT NOT NULL,
  by_person TEXT NOT NULL, letters BIGINT NOT NULL, complete BIGINT NOT NULL, accounted_at BIGINT NOT NULL, account TEXT NOT NULL, PRIMARY KEY (site, number)
);

-- answers: from programme.incident_answered and programme.pair_answered. A
-- projection of the hub's own journal; about is the incident, or both patients
-- with a slash between. It stands by itself, because tables that are filled
-- anew may hear an answer before what it answers.
CREATE TABLE answers (
  about TEXT NOT NULL, seq BIGINT NOT NULL, kind TEXT NOT NULL, site TEXT NOT NULL, day BIGINT NOT NULL, answer TEXT NOT NULL, same BIGINT NOT NULL,
  at BIGINT NOT NULL, by_person TEXT NOT NULL, PRIMARY KEY (about, seq)
);

-- filled: which projections were made of the entries that were here before them.
CREATE TABLE filled (
  what TEXT PRIMARY KEY
);

-- number: the giver's installation; 0 while only the giving is known.
ALTER TABLE letters ADD COLUMN number BIGINT NOT NULL DEFAULT 0;
ALTER TABLE incidents DROP COLUMN answer;
ALTER TABLE pairs DROP COLUMN answer;
