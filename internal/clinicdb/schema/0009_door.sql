-- Who may be dosed where: what people answered to the proposals, and what other
-- sites say of the days on which they gave no dose.

-- stability_answers: from stability.answered, the newest of each site to each
-- proposal about a patient; '' is this site. grounds is a JSON list of rules
-- with days.
CREATE TABLE stability_answers (
  patient TEXT NOT NULL, proposal TEXT NOT NULL, site TEXT NOT NULL, day INTEGER NOT NULL, agreed INTEGER NOT NULL, why TEXT NOT NULL,
  grounds TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL, PRIMARY KEY (patient, proposal, site)
) STRICT, WITHOUT ROWID;

-- elsewhere_days: from dose.missed of other sites, what being its cause, and
-- from dose.held there for signs of intoxication, what being 'intoxicated'.
-- They are apart from missed and holds, which are this site's own mornings.
CREATE TABLE elsewhere_days (
  patient TEXT NOT NULL, day INTEGER NOT NULL, what TEXT NOT NULL, site TEXT NOT NULL, PRIMARY KEY (patient, day, what, site)
) STRICT, WITHOUT ROWID;
CREATE INDEX elsewhere_days_day ON elsewhere_days (day, what);

-- Few doses are vomited: this index is small, and one person's or everybody's
-- are found without their other doses.
CREATE INDEX doses_vomited ON doses (patient, day) WHERE vomited_min >= 0;

-- The letters for good, in the order in which they came: where a person came
-- from. Without it the bytes of every letter would be read.
CREATE INDEX letters_for_good ON letters (patient, at, way, site, day) WHERE last = 0;
