-- Orders of several sites, the same whichever of their facts is heard first.

-- order_marks: from order.signed and order.stopped of every site, also of orders
-- that are not known yet, and from letters, whose order was signed where the
-- letter was (by is '' then). what is 'signed' or 'stopped'.
CREATE TABLE order_marks (
  order_id TEXT NOT NULL, what TEXT NOT NULL CHECK (what IN ('signed', 'stopped')), site TEXT NOT NULL, at INTEGER NOT NULL, by TEXT NOT NULL,
  from_day INTEGER NOT NULL, reason TEXT NOT NULL, knew TEXT NOT NULL, chosen TEXT NOT NULL, PRIMARY KEY (order_id, what, at, site, from_day)
) STRICT, WITHOUT ROWID;

-- What the marks and the replacing orders make of an order stands in its row:
-- signed_by, signed_at, stopped_from, stop_reason and stops, a JSON list.
ALTER TABLE orders ADD COLUMN stops TEXT NOT NULL DEFAULT '[]';
ALTER TABLE orders ADD COLUMN knew_ended TEXT NOT NULL DEFAULT '[]';

-- Whose orders come from more than this site: theirs are looked at further back.
CREATE INDEX orders_elsewhere ON orders (patient) WHERE site <> '';
