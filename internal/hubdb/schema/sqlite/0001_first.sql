-- The hub's tables on SQLite. schema/postgres has the same tables and columns;
-- TestSchemas compares them. Days are whole days since 1970, instants are
-- milliseconds in UTC, amounts whole micrograms. Everything but chunks,
-- blocks and heads is a projection of the entries in chunks.

-- chunks: the journals of all sites, as they were written: n entries from
-- first on, each with its length before it, compressed together as they came.
-- A row for each entry would cost half of all the work here.
CREATE TABLE chunks (
  site TEXT NOT NULL, first INTEGER NOT NULL CHECK (first >= 0), n INTEGER NOT NULL CHECK (n > 0), body BLOB NOT NULL, PRIMARY KEY (site, first)
) STRICT;
CREATE TRIGGER chunks_no_update BEFORE UPDATE ON chunks BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;
CREATE TRIGGER chunks_no_delete BEFORE DELETE ON chunks BEGIN SELECT RAISE(ABORT, 'a journal is never changed'); END;

-- blocks: hashes of the journals' trees, one for every sixteen entries.
CREATE TABLE blocks (
  site TEXT NOT NULL, idx INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY (site, idx)
) STRICT, WITHOUT ROWID;

-- heads: how far each journal is here. edge is the tree's right edge at size;
-- checkpoint is the site's newest one that size has reached, at settled
-- entries; ahead is what the site says it has; stopped is why no more is
-- taken, '' while all is well.
CREATE TABLE heads (
  site TEXT PRIMARY KEY, size INTEGER NOT NULL, edge BLOB NOT NULL, settled INTEGER NOT NULL, checkpoint BLOB NOT NULL,
  ahead INTEGER NOT NULL, newest_day INTEGER NOT NULL, contact_at INTEGER NOT NULL, stopped TEXT NOT NULL
) STRICT;

-- sites: from programme.site_joined and what followed.
CREATE TABLE sites (
  site TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, parent TEXT NOT NULL, number INTEGER NOT NULL
) STRICT;

-- patients: from patient.registered and patient.changed. Keys are keyed hashes
-- of the identity number and of name and year of birth; names stay in the entries.
CREATE TABLE patients (
  patient TEXT PRIMARY KEY, site TEXT NOT NULL, code TEXT NOT NULL, registered INTEGER NOT NULL, identity_key TEXT NOT NULL, name_key TEXT NOT NULL
) STRICT;
CREATE INDEX patients_identity ON patients (identity_key) WHERE identity_key <> '';
CREATE INDEX patients_name ON patients (name_key) WHERE name_key <> '';

-- pairs: two patients that look like one person; why is identity or name.
CREATE TABLE pairs (
  one TEXT NOT NULL, two TEXT NOT NULL, why TEXT NOT NULL, found_at INTEGER NOT NULL, answer TEXT NOT NULL DEFAULT '', PRIMARY KEY (one, two)
) STRICT;

-- relations: which sites have to do with a patient.
CREATE TABLE relations (
  patient TEXT NOT NULL, site TEXT NOT NULL, since INTEGER NOT NULL, PRIMARY KEY (patient, site)
) STRICT, WITHOUT ROWID;
CREATE INDEX relations_site ON relations (site);

-- doses: from dose.poured and dose.recorded with their outcome; seq and
-- end_seq are the entries. Corrections and the rest are in patient_facts.
CREATE TABLE doses (
  patient TEXT NOT NULL, day INTEGER NOT NULL, dose TEXT NOT NULL, site TEXT NOT NULL, seq INTEGER NOT NULL, end_seq INTEGER NOT NULL,
  at INTEGER NOT NULL, order_id TEXT NOT NULL, amount_ug INTEGER NOT NULL, taken_ug INTEGER NOT NULL, outcome TEXT NOT NULL,
  PRIMARY KEY (patient, day, dose)
) STRICT, WITHOUT ROWID;

-- patient_facts: all other shared facts, for routing; patient is '' for those
-- of the programme, which go to everyone.
CREATE TABLE patient_facts (
  patient TEXT NOT NULL, site TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (patient, site, seq)
) STRICT, WITHOUT ROWID;

-- letters: from transfer.*; state is given, released or accepted.
CREATE TABLE letters (
  letter TEXT PRIMARY KEY, patient TEXT NOT NULL, site TEXT NOT NULL, to_site TEXT NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  why TEXT NOT NULL, given_at INTEGER NOT NULL, state TEXT NOT NULL, accepted_at INTEGER NOT NULL
) STRICT;

-- inbox: what goes to which site, in the order in which it is read there.
CREATE TABLE inbox (
  to_site TEXT NOT NULL, num INTEGER NOT NULL, site TEXT NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (to_site, num), UNIQUE (to_site, site, seq)
) STRICT;

-- incidents: what people must look at.
CREATE TABLE incidents (
  incident TEXT PRIMARY KEY, kind TEXT NOT NULL, site TEXT NOT NULL, patient TEXT NOT NULL, day INTEGER NOT NULL, at INTEGER NOT NULL,
  detail TEXT NOT NULL, answer TEXT NOT NULL DEFAULT ''
) STRICT;
