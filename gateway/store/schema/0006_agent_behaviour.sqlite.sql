-- What an agent does with silence and with answering machines. `seeded` is forgotten, so that the configuration
-- file fills the new columns at the next start.
ALTER TABLE agents ADD COLUMN silence_timeout_seconds INTEGER NOT NULL DEFAULT 30;
ALTER TABLE agents ADD COLUMN hang_up_on_voicemail INTEGER NOT NULL DEFAULT 0;
UPDATE agents SET seeded = NULL;
