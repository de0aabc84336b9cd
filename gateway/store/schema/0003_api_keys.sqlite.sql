-- What `telnyx-gateway keys` tells of a key. `created_at` is none for a key that came with the configuration.
ALTER TABLE api_keys ADD COLUMN name TEXT NOT NULL DEFAULT '';
ALTER TABLE api_keys ADD COLUMN created_at INTEGER;
ALTER TABLE api_keys ADD COLUMN revoked_at INTEGER;

-- The number of the keys' state. A running gateway asks for it often and reads the keys when it is another one,
-- whoever changed them.
CREATE TABLE key_changes (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO key_changes (id, version) VALUES (1, 1);
CREATE TRIGGER api_keys_inserted AFTER INSERT ON api_keys BEGIN
    UPDATE key_changes SET version = version + 1;
END;
CREATE TRIGGER api_keys_updated AFTER UPDATE ON api_keys BEGIN
    UPDATE key_changes SET version = version + 1;
END;
CREATE TRIGGER api_keys_deleted AFTER DELETE ON api_keys BEGIN
    UPDATE key_changes SET version = version + 1;
END;

-- Who changed what: each write request of a known key, each change of a key. Only ever added to.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY,
    at         INTEGER NOT NULL,
    request_id TEXT    NOT NULL,
    key_id     TEXT    NOT NULL,  -- the first 12 hexadecimal digits of the key's hash
    org_id     INTEGER,
    project_id INTEGER,
    address    TEXT    NOT NULL,  -- the client's
    method     TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    call_id    INTEGER,
    status     INTEGER NOT NULL   -- of the answer; 0: no HTTP request
) STRICT;
CREATE TRIGGER audit_stays BEFORE UPDATE ON audit BEGIN
    SELECT RAISE(ABORT, 'audit entries are not changed');
END;
CREATE TRIGGER audit_is_kept BEFORE DELETE ON audit BEGIN
    SELECT RAISE(ABORT, 'audit entries are not removed');
END;
