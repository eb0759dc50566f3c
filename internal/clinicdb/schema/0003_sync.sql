-- Many sites: what was heard from others, what the hub has signed, and the
-- programme's directory.

-- heard is NOT a projection: entries of other sites' journals about patients
-- of this site, and the programme's own, in the order in which they came.
-- after is how many entries this site's journal had then, so that a rebuild
-- meets everything in the order of the first time. patient is whom the entry
-- is about, '' for nobody.
CREATE TABLE heard (
  n INTEGER PRIMARY KEY, site TEXT NOT NULL, seq INTEGER NOT NULL, after INTEGER NOT NULL, patient TEXT NOT NULL,
  entry BLOB NOT NULL, UNIQUE (site, seq)
) STRICT;
CREATE INDEX heard_patient ON heard (patient, n) WHERE patient <> '';
CREATE TRIGGER heard_no_update BEFORE UPDATE ON heard BEGIN SELECT RAISE(ABORT, 'what was heard is never changed'); END;
CREATE TRIGGER heard_no_delete BEFORE DELETE ON heard BEGIN SELECT RAISE(ABORT, 'what was heard is never changed'); END;

-- receipts is NOT a projection: what the hub has signed to have on its disk,
-- the largest of each day.
CREATE TABLE receipts (
  day INTEGER PRIMARY KEY, size INTEGER NOT NULL, at INTEGER NOT NULL, note BLOB NOT NULL
) STRICT;
CREATE TRIGGER receipts_grow BEFORE UPDATE ON receipts WHEN NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'a receipt never shrinks'); END;
CREATE TRIGGER receipts_no_delete BEFORE DELETE ON receipts BEGIN SELECT RAISE(ABORT, 'receipts are never deleted'); END;

-- hub_link is NOT a projection: how this site reaches its hub, and how far it
-- has read there. One row once it joined.
CREATE TABLE hub_link (
  one INTEGER PRIMARY KEY CHECK (one = 1), programme TEXT NOT NULL, url TEXT NOT NULL, pin BLOB NOT NULL, verifier TEXT NOT NULL,
  cosigner TEXT NOT NULL, joined_at INTEGER NOT NULL, read_to INTEGER NOT NULL DEFAULT 0, contact_at INTEGER NOT NULL DEFAULT 0
) STRICT;

-- A dose, order, note or test of another site stands in the same table with
-- its site; '' is this one. It takes no right here: facts are never refused.
ALTER TABLE doses ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE orders ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE notes ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE urine ADD COLUMN site TEXT NOT NULL DEFAULT '';

-- incidents: what people must look at, from facts of more than one site:
-- dose.doubled, two doses of a patient and day at two sites.
CREATE TABLE incidents (
  kind TEXT NOT NULL, patient TEXT NOT NULL, day INTEGER NOT NULL, site TEXT NOT NULL, PRIMARY KEY (kind, patient, day)
) STRICT, WITHOUT ROWID;

-- not_understood: heard entries of a kind that must be understood and is not
-- known to this program; the patient is not dosed before an upgrade.
CREATE TABLE not_understood (
  patient TEXT NOT NULL, site TEXT NOT NULL, seq INTEGER NOT NULL, kind TEXT NOT NULL, PRIMARY KEY (patient, site, seq)
) STRICT, WITHOUT ROWID;

-- programme, programme_sites, installations, programme_people: from
-- programme.* in the hub's journal.
CREATE TABLE programme (
  one INTEGER PRIMARY KEY CHECK (one = 1), programme TEXT NOT NULL, name TEXT NOT NULL, rules TEXT NOT NULL, zone TEXT NOT NULL,
  verifier TEXT NOT NULL, cosigner TEXT NOT NULL
) STRICT;
CREATE TABLE programme_sites (
  site TEXT PRIMARY KEY, name TEXT NOT NULL, language TEXT NOT NULL, number INTEGER NOT NULL, verifier TEXT NOT NULL, box TEXT NOT NULL,
  nkey TEXT NOT NULL, role TEXT NOT NULL, parent TEXT NOT NULL
) STRICT;
CREATE TABLE installations (
  site TEXT NOT NULL, number INTEGER NOT NULL, size INTEGER NOT NULL, hash TEXT NOT NULL, why TEXT NOT NULL, PRIMARY KEY (site, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE programme_people (
  person TEXT PRIMARY KEY, name TEXT NOT NULL, site TEXT NOT NULL, key TEXT NOT NULL, until INTEGER NOT NULL, ended INTEGER NOT NULL DEFAULT 0
) STRICT;
