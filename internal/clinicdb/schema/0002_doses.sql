-- doses lies in the order in which it is asked about, by patient and day, so
-- that a dose touches three pages instead of five: its row, the index by id
-- and the index by day. The row's own place is the promise of one dose of a
-- patient, day and part: again_no is 0 for the one that counts, and the number
-- of the entry that freed the day for one that two people saw was not given.
-- Filled by the rebuild that follows a change of the schema.
DROP TABLE doses;
CREATE TABLE doses (
  patient TEXT NOT NULL, day INTEGER NOT NULL, part INTEGER NOT NULL, again_no INTEGER NOT NULL DEFAULT 0,
  dose TEXT NOT NULL, order_id TEXT NOT NULL,
  amount_ug INTEGER NOT NULL CHECK (amount_ug > 0), volume_ul INTEGER NOT NULL CHECK (volume_ul >= 0),
  taken_ug INTEGER NOT NULL, outcome TEXT NOT NULL, replaces TEXT NOT NULL DEFAULT '',
  bottle TEXT NOT NULL DEFAULT '', bottle2 TEXT NOT NULL DEFAULT '', volume2_ul INTEGER NOT NULL DEFAULT 0,
  poured_at INTEGER NOT NULL, poured_by TEXT NOT NULL, station TEXT NOT NULL DEFAULT '',
  ended_at INTEGER NOT NULL DEFAULT 0, ended_by TEXT NOT NULL DEFAULT '', witness TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT '', rest_ul INTEGER NOT NULL DEFAULT 0, wasted INTEGER NOT NULL DEFAULT 0,
  vomited_min INTEGER NOT NULL DEFAULT -1, vomit_seen INTEGER NOT NULL DEFAULT 0, replacement_ug INTEGER NOT NULL DEFAULT 0,
  corrected TEXT NOT NULL DEFAULT '', source TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (patient, day, part, again_no), CHECK (again_no = 0 OR outcome = 'not_given')
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX doses_dose ON doses (dose);
CREATE INDEX doses_day ON doses (day, outcome);

-- projections says for which schema the projections were last made whole.
CREATE TABLE projections (whole_for INTEGER NOT NULL) STRICT;
