-- The endpoint that is the agent's own webhook_url: its URL may change, and what is owed to it goes to the new one.
-- Rows made before are found by their URL once more.
ALTER TABLE endpoints ADD COLUMN agents_own INTEGER NOT NULL DEFAULT 0;
