-- Who may be dosed here, and the letters that moved it.

-- this_installation: from installation.*, daybook.opened and daybook.closed.
-- One row from the first of them on; without it the site is its first
-- installation. phase is open, unwitnessed, enrolled, adjudication or fenced.
CREATE TABLE this_installation (
  one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, phase TEXT NOT NULL, day INTEGER NOT NULL, floor INTEGER NOT NULL,
  fence INTEGER NOT NULL, unwitnessed INTEGER NOT NULL
) STRICT;

-- holdings: from patient.registered, transfer.*, installation.restored and
-- installation.adjudicated: the days a patient may be dosed here, as a JSON
-- list of [first, last], last 0 for good, and the newest day with a dose
-- elsewhere, told by a letter or heard. The newest day spent here is read from
-- doses.
CREATE TABLE holdings (
  patient TEXT PRIMARY KEY, days TEXT NOT NULL, elsewhere INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;

-- letters: from transfer.*. way is out (given here), in (accepted here) or offer
-- (given elsewhere to this site, heard over the network, not accepted yet).
-- site is the other one; seq is the entry's number in the giver's journal.
-- released is the second medium of a letter given here, '' before; arrived is the
-- day on which the other site accepted it, as far as it was heard.
CREATE TABLE letters (
  letter TEXT NOT NULL, way TEXT NOT NULL CHECK (way IN ('out', 'in', 'offer')), patient TEXT NOT NULL, site TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, why TEXT NOT NULL, number INTEGER NOT NULL, seq INTEGER NOT NULL, day INTEGER NOT NULL,
  at INTEGER NOT NULL, by TEXT NOT NULL, released TEXT NOT NULL DEFAULT '', arrived INTEGER NOT NULL DEFAULT 0, by_hand INTEGER NOT NULL DEFAULT 0,
  bytes BLOB NOT NULL, PRIMARY KEY (letter, way)
) STRICT, WITHOUT ROWID;
CREATE INDEX letters_patient ON letters (patient, seq);

-- rejected: from transfer.rejected: letters that were shown and were forged,
-- altered or not for here.
CREATE TABLE rejected (
  seq INTEGER PRIMARY KEY, day INTEGER NOT NULL, what TEXT NOT NULL, digest TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

-- told_*: the last dose before a letter, as the letter told it; and home, the
-- site that registered a patient who came by letter.
ALTER TABLE patients ADD COLUMN told_day INTEGER NOT NULL DEFAULT 0;
ALTER TABLE patients ADD COLUMN told_ug INTEGER NOT NULL DEFAULT 0;
ALTER TABLE patients ADD COLUMN told_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE patients ADD COLUMN home TEXT NOT NULL DEFAULT '';

-- signing_keys is NOT a projection: keys for signing letters stay on this PC,
-- each under its person's PIN. staff.signs is the public half, from
-- staff.key_made.
CREATE TABLE signing_keys (
  person TEXT PRIMARY KEY, sealed BLOB NOT NULL
) STRICT;
ALTER TABLE staff ADD COLUMN signs TEXT NOT NULL DEFAULT '';
