-- All tables here but secrets are projections of the journal: they
-- may be dropped and rebuilt from it (tram verify does so and compares).
-- Days are whole days since 1970, as in package day.
-- Instants are milliseconds in UTC. Amounts are whole micrograms (_ug) and
-- volumes whole microlitres (_ul).

-- site: from site.founded. One row.
CREATE TABLE site (
  site TEXT PRIMARY KEY, name TEXT NOT NULL, programme TEXT NOT NULL, rules TEXT NOT NULL,
  zone TEXT NOT NULL, language TEXT NOT NULL, invented INTEGER NOT NULL
) STRICT;

-- patients: from patient.*; last_* and first_dose from dose.* (newest and first
-- dose of the course of treatment that counts as taken).
CREATE TABLE patients (
  patient TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, name_fold TEXT NOT NULL,
  sex TEXT NOT NULL, birth TEXT NOT NULL, ethnic TEXT NOT NULL, commune TEXT NOT NULL, village TEXT NOT NULL,
  phone TEXT NOT NULL, identity TEXT NOT NULL, language TEXT NOT NULL, note TEXT NOT NULL, former TEXT NOT NULL DEFAULT '',
  card TEXT NOT NULL DEFAULT '', registered INTEGER NOT NULL, course_from INTEGER NOT NULL DEFAULT 0,
  left_day INTEGER NOT NULL DEFAULT 0, left_why TEXT NOT NULL DEFAULT '',
  last_day INTEGER NOT NULL DEFAULT 0, last_ug INTEGER NOT NULL DEFAULT 0, last_at INTEGER NOT NULL DEFAULT 0,
  last_dose TEXT NOT NULL DEFAULT '', last_outcome TEXT NOT NULL DEFAULT '', last_vomited INTEGER NOT NULL DEFAULT 0,
  first_dose INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX patients_identity ON patients (identity) WHERE identity <> '';
CREATE INDEX patients_former ON patients (former) WHERE former <> '';
CREATE INDEX patients_card ON patients (card) WHERE card <> '';

-- cards: from patient.card_given; older cards of a person stay, replaced.
CREATE TABLE cards (
  card TEXT PRIMARY KEY, patient TEXT NOT NULL, given_at INTEGER NOT NULL
) STRICT;

-- orders: from order.*.
CREATE TABLE orders (
  order_id TEXT PRIMARY KEY, patient TEXT NOT NULL, phase TEXT NOT NULL, amount_ug INTEGER NOT NULL CHECK (amount_ug > 0),
  first INTEGER NOT NULL, last INTEGER NOT NULL CHECK (last >= first), reason TEXT NOT NULL, replaces TEXT NOT NULL,
  overrides TEXT NOT NULL, imported INTEGER NOT NULL, written_by TEXT NOT NULL, written_at INTEGER NOT NULL,
  signed_by TEXT NOT NULL DEFAULT '', signed_at INTEGER NOT NULL DEFAULT 0, stopped_from INTEGER NOT NULL DEFAULT 0,
  stop_reason TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX orders_patient ON orders (patient, written_at);
CREATE INDEX orders_last ON orders (last);
CREATE INDEX orders_waiting ON orders (written_at) WHERE signed_at = 0 AND stopped_from = 0;

-- doses: from dose.poured, dose.recorded and the outcomes. part is 0 for the
-- dose of the day and 1 for the replacement of a vomited one. The unique index
-- is the second half of the promise of one dose of a patient and day; care
-- made the first (DOSE-02).
CREATE TABLE doses (
  dose TEXT PRIMARY KEY, patient TEXT NOT NULL, day INTEGER NOT NULL, part INTEGER NOT NULL, order_id TEXT NOT NULL,
  amount_ug INTEGER NOT NULL CHECK (amount_ug > 0), volume_ul INTEGER NOT NULL CHECK (volume_ul >= 0),
  taken_ug INTEGER NOT NULL, outcome TEXT NOT NULL, again INTEGER NOT NULL DEFAULT 0, replaces TEXT NOT NULL DEFAULT '',
  bottle TEXT NOT NULL DEFAULT '', bottle2 TEXT NOT NULL DEFAULT '', volume2_ul INTEGER NOT NULL DEFAULT 0,
  poured_at INTEGER NOT NULL, poured_by TEXT NOT NULL, station TEXT NOT NULL DEFAULT '',
  ended_at INTEGER NOT NULL DEFAULT 0, ended_by TEXT NOT NULL DEFAULT '', witness TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT '', rest_ul INTEGER NOT NULL DEFAULT 0, wasted INTEGER NOT NULL DEFAULT 0,
  vomited_min INTEGER NOT NULL DEFAULT -1, vomit_seen INTEGER NOT NULL DEFAULT 0, replacement_ug INTEGER NOT NULL DEFAULT 0,
  corrected TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX doses_right ON doses (patient, day, part) WHERE NOT (outcome = 'not_given' AND again = 1);
-- A partial index answers no question about all doses of a patient; these do.
CREATE INDEX doses_patient ON doses (patient, day);
CREATE INDEX doses_day ON doses (day);
CREATE INDEX doses_open ON doses (day) WHERE outcome = 'poured';

-- holds: from dose.held and dose.released.
CREATE TABLE holds (
  seq INTEGER PRIMARY KEY, patient TEXT NOT NULL, day INTEGER NOT NULL, why TEXT NOT NULL, signs TEXT NOT NULL,
  called TEXT NOT NULL, plan TEXT NOT NULL, look_at INTEGER NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  released_at INTEGER NOT NULL DEFAULT 0, released_by TEXT NOT NULL DEFAULT '', note TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX holds_day ON holds (day);
CREATE INDEX holds_patient ON holds (patient, day);

-- missed: from dose.missed, marked by the closing of the day.
CREATE TABLE missed (
  patient TEXT NOT NULL, day INTEGER NOT NULL, cause TEXT NOT NULL, PRIMARY KEY (patient, day)
) STRICT, WITHOUT ROWID;
CREATE INDEX missed_day ON missed (day, cause);

-- gaps: from dose.gap_answered.
CREATE TABLE gaps (
  seq INTEGER PRIMARY KEY, patient TEXT NOT NULL, after INTEGER NOT NULL, action TEXT NOT NULL, order_id TEXT NOT NULL,
  reason TEXT NOT NULL, rule TEXT NOT NULL, day INTEGER NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX gaps_patient ON gaps (patient, seq);
CREATE INDEX gaps_day ON gaps (day);

-- notes and urine: from patient.noted, patient.urine_tested.
CREATE TABLE notes (
  seq INTEGER PRIMARY KEY, patient TEXT NOT NULL, day INTEGER NOT NULL, text TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX notes_patient ON notes (patient, seq);
CREATE TABLE urine (
  seq INTEGER PRIMARY KEY, patient TEXT NOT NULL, day INTEGER NOT NULL, found TEXT NOT NULL, method TEXT NOT NULL,
  by TEXT NOT NULL
) STRICT;
CREATE INDEX urine_patient ON urine (patient, day);

-- bottles: from stock.*; left_ul is the book, moved by dose.* too.
CREATE TABLE bottles (
  bottle TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, product TEXT NOT NULL, lot TEXT NOT NULL, expiry INTEGER NOT NULL,
  strength INTEGER NOT NULL CHECK (strength > 0), size_ul INTEGER NOT NULL, left_ul INTEGER NOT NULL CHECK (left_ul >= 0),
  received INTEGER NOT NULL, opened INTEGER NOT NULL DEFAULT 0, opened_seq INTEGER NOT NULL DEFAULT 0,
  finished INTEGER NOT NULL DEFAULT 0
) STRICT;

-- moves: every change of a book that is no dose: received, opened, spilled,
-- counted (book_ul before, volume_ul the difference), wasted, back, finished.
CREATE TABLE moves (
  seq INTEGER PRIMARY KEY, bottle TEXT NOT NULL, day INTEGER NOT NULL, kind TEXT NOT NULL, volume_ul INTEGER NOT NULL,
  book_ul INTEGER NOT NULL, why TEXT NOT NULL, dose TEXT NOT NULL DEFAULT '', by TEXT NOT NULL, witness TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX moves_day ON moves (day);
CREATE INDEX moves_bottle ON moves (bottle, seq);

-- days: from daybook.*.
CREATE TABLE days (
  day INTEGER PRIMARY KEY, opened_at INTEGER NOT NULL, opened_by TEXT NOT NULL, confirmed_by TEXT NOT NULL,
  typed INTEGER NOT NULL, closed_at INTEGER NOT NULL DEFAULT 0, closed_by TEXT NOT NULL DEFAULT '',
  witness TEXT NOT NULL DEFAULT '', expected INTEGER NOT NULL DEFAULT 0, dosed INTEGER NOT NULL DEFAULT 0,
  missed INTEGER NOT NULL DEFAULT 0, held INTEGER NOT NULL DEFAULT 0
) STRICT;

-- staff: from staff.*.
CREATE TABLE staff (
  person TEXT PRIMARY KEY, name TEXT NOT NULL, duties TEXT NOT NULL, has_left INTEGER NOT NULL DEFAULT 0
) STRICT;

-- seen and printed: from access.*; the read audit.
CREATE TABLE seen (
  seq INTEGER PRIMARY KEY, patient TEXT NOT NULL, part TEXT NOT NULL, why TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX seen_patient ON seen (patient, seq);
CREATE TABLE printed (
  seq INTEGER PRIMARY KEY, paper TEXT NOT NULL, about TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

-- rules: from rule.confirmed; the programme's own numbers.
CREATE TABLE rules (
  seq INTEGER PRIMARY KEY, fact TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;

-- forms: which journal entry answered a form, so that sending it again is
-- harmless.
CREATE TABLE forms (
  form TEXT PRIMARY KEY, seq INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- secrets is NOT a projection: hashes of PINs, passwords and one-time codes
-- stay on this PC and in its encrypted file.
CREATE TABLE secrets (
  person TEXT PRIMARY KEY, pin TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '', code TEXT NOT NULL DEFAULT '',
  code_until INTEGER NOT NULL DEFAULT 0, tries INTEGER NOT NULL DEFAULT 0, password_day INTEGER NOT NULL DEFAULT 0
) STRICT;
