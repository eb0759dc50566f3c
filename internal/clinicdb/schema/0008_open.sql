-- The bottles in use and the day that is open are found without going over all
-- that ever were: every dose asks for them.
CREATE INDEX bottles_open ON bottles (opened_seq) WHERE finished = 0;
-- A patient's orders of these days are found without reading those of years.
DROP INDEX orders_patient;
CREATE INDEX orders_patient ON orders (patient, last);
CREATE INDEX days_open ON days (day) WHERE closed_at = 0;
