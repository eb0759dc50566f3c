-- What other sites recorded of a shared patient's days stands in the same record.

-- site is '' for this one's own, which the window, the register and the closing
-- read; seq is negative for others'.
ALTER TABLE holds ADD COLUMN site TEXT NOT NULL DEFAULT '';
ALTER TABLE gaps ADD COLUMN site TEXT NOT NULL DEFAULT '';

-- releases_elsewhere: from dose.released of other sites, also before the hold
-- it lifts is heard.
CREATE TABLE releases_elsewhere (
  patient TEXT NOT NULL, day INTEGER NOT NULL, site TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL, note TEXT NOT NULL,
  PRIMARY KEY (patient, day, site, at)
) STRICT, WITHOUT ROWID;
