-- Write requests that carried an Idempotency-Key, for a day. On disk before the work begins; a row without a status
-- is one whose work was interrupted.
CREATE TABLE idempotency (
    id           BLOB    PRIMARY KEY,  -- SHA-256 of owner, method, path and key
    content      BLOB    NOT NULL,     -- SHA-256 of the body
    begun_at     INTEGER NOT NULL,
    status       INTEGER,
    content_type TEXT,
    body         TEXT
) STRICT;
CREATE INDEX idempotency_by_time ON idempotency (begun_at);
