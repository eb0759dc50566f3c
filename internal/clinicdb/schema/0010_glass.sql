-- Records opened in an emergency, by people whose duties do not open them.

-- glasses: from glass.broken, of this site (site '') and heard from others of
-- patients known here. seq orders this site's own, and is below zero for what
-- was heard.
CREATE TABLE glasses (
  glass TEXT PRIMARY KEY, seq INTEGER NOT NULL, site TEXT NOT NULL, patient TEXT NOT NULL, person TEXT NOT NULL, name TEXT NOT NULL,
  from_at INTEGER NOT NULL, until_at INTEGER NOT NULL, reason TEXT NOT NULL
) STRICT;
CREATE INDEX glasses_patient ON glasses (patient, from_at);
CREATE INDEX glasses_person ON glasses (person, patient, seq) WHERE site = '';

-- glass_reviews: from glass.reviewed, likewise; one for each site that answered.
CREATE TABLE glass_reviews (
  glass TEXT NOT NULL, site TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, found TEXT NOT NULL, note TEXT NOT NULL, alone INTEGER NOT NULL,
  PRIMARY KEY (glass, site)
) STRICT;

-- seen.glass: from access.seen: the opening under which a record was read.
ALTER TABLE seen ADD COLUMN glass TEXT NOT NULL DEFAULT '';
