-- Transfers, gathers and calls that we place.

-- JSON: the transfer and the gather of the call with their timers, and what the carrier heard; NULL for a call
-- that had none, so that the usual row is no longer for it.
ALTER TABLE calls ADD COLUMN in_call TEXT;

-- JSON: what a command orders beyond its kind and leg; empty for most.
ALTER TABLE commands ADD COLUMN details TEXT NOT NULL DEFAULT '';
