-- People registered twice.

-- numbers: from patient.registered and patient.changed: each identity number of
-- a patient in its one form, however it was typed.
CREATE TABLE numbers (
  number TEXT NOT NULL, patient TEXT NOT NULL, PRIMARY KEY (number, patient)
) STRICT, WITHOUT ROWID;
CREATE INDEX numbers_patient ON numbers (patient);

-- digest_key: from programme.digest_key: the key of digests as it was sealed to
-- this site; it is opened in memory only.
CREATE TABLE digest_key (
  one INTEGER PRIMARY KEY CHECK (one = 1), generation INTEGER NOT NULL, cost_kib INTEGER NOT NULL, sealed TEXT NOT NULL
) STRICT;

-- digests: from programme.digests: whose identity numbers have which digest, for
-- all sites of the programme. Digests of an earlier generation go with the first
-- ones of a later.
CREATE TABLE digests (
  digest TEXT NOT NULL, patient TEXT NOT NULL, generation INTEGER NOT NULL, site TEXT NOT NULL, code TEXT NOT NULL, PRIMARY KEY (digest, patient)
) STRICT, WITHOUT ROWID;
CREATE INDEX digests_patient ON digests (patient);

-- people_elsewhere: from patient.registered and patient.changed of other sites,
-- heard of people who are not known here yet; details as JSON.
CREATE TABLE people_elsewhere (
  patient TEXT PRIMARY KEY, site TEXT NOT NULL, code TEXT NOT NULL, details TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- second_records: from programme.pair_answered and patient.likeness_answered: other may
-- be the same person as patient. verdict is the number of the programme's answer
-- in its journal, 0 while there is none; going is 1 where patient is the record
-- that goes on; asked is 1 where nobody here could tell.
CREATE TABLE second_records (
  patient TEXT NOT NULL, other TEXT NOT NULL, code TEXT NOT NULL, site TEXT NOT NULL, verdict INTEGER NOT NULL DEFAULT 0,
  same INTEGER NOT NULL DEFAULT 0, going INTEGER NOT NULL DEFAULT 0, asked INTEGER NOT NULL DEFAULT 0, why TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (patient, other)
) STRICT, WITHOUT ROWID;

-- second_answers: from patient.double_answered.
CREATE TABLE second_answers (
  seq INTEGER PRIMARY KEY, patient TEXT NOT NULL, other TEXT NOT NULL, day INTEGER NOT NULL, verdict INTEGER NOT NULL, answer TEXT NOT NULL,
  dosed TEXT NOT NULL, note TEXT NOT NULL, by TEXT NOT NULL, at INTEGER NOT NULL
) STRICT;
CREATE INDEX second_answers_patient ON second_answers (patient, other);
