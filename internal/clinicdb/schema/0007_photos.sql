-- Portraits, to know people by at the window.

-- patients.photo: from patient.photographed and patient.photo_withdrawn: the
-- hash of the picture that is shown, and the day from which it is.
ALTER TABLE patients ADD COLUMN photo TEXT NOT NULL DEFAULT '';
ALTER TABLE patients ADD COLUMN photo_day INTEGER NOT NULL DEFAULT 0;

-- blobs is NOT a projection: the pictures themselves, by the SHA-256 of their
-- bytes. The journal names them and does not hold them, so that a picture of a
-- person can go while what was done stays. A row never changes, and goes only
-- when nobody is shown by it any more. A rebuild leaves it alone.
CREATE TABLE blobs (
  hash TEXT PRIMARY KEY CHECK (length(hash) = 64), bytes BLOB NOT NULL CHECK (length(bytes) BETWEEN 1 AND 65536)
) STRICT;
CREATE TRIGGER blobs_no_update BEFORE UPDATE ON blobs BEGIN SELECT RAISE(ABORT, 'a picture is never changed'); END;
CREATE TRIGGER blobs_no_delete BEFORE DELETE ON blobs WHEN EXISTS (SELECT 1 FROM patients WHERE photo = OLD.hash)
BEGIN SELECT RAISE(ABORT, 'a picture that is shown stays'); END;
