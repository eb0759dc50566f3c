-- missing: from installation.restored and installation.adjudicated: letters may
-- be missing since a restore, and nobody has accounted for them.
ALTER TABLE this_installation ADD COLUMN missing INTEGER NOT NULL DEFAULT 0;
