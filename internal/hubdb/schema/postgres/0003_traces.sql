-- People registered twice: found by traces of their details instead of by two
-- exact keys, and told to the sites as digests of identity numbers.

DROP INDEX patients_identity;
DROP INDEX patients_name;
ALTER TABLE patients DROP COLUMN identity_key;
ALTER TABLE patients DROP COLUMN name_key;

-- patients.details counts the facts about a patient's details; told is how many
-- of them the digests speak of that were told last, and told_for of which
-- generation they are.
ALTER TABLE patients ADD COLUMN details BIGINT NOT NULL DEFAULT 1;
ALTER TABLE patients ADD COLUMN told BIGINT NOT NULL DEFAULT 0;
ALTER TABLE patients ADD COLUMN told_for BIGINT NOT NULL DEFAULT 0;

-- answers.keep: of two records that are one person, the one that goes on.
ALTER TABLE answers ADD COLUMN keep TEXT NOT NULL DEFAULT '';

-- traces: keyed hashes of what two records of one person have in common, from
-- patient.registered and patient.changed; names stay in the entries.
CREATE TABLE traces (
  trace TEXT NOT NULL, patient TEXT NOT NULL, PRIMARY KEY (trace, patient)
);
CREATE INDEX traces_patient ON traces (patient);
