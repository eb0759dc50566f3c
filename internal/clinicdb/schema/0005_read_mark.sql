-- read_mark is what was read under the number read_to: a hub that was restored
-- has something else there, and its inbox is read again.
ALTER TABLE hub_link ADD COLUMN read_mark TEXT NOT NULL DEFAULT '';
