-- Times are INTEGER microseconds since 1970 UTC, money INTEGER millionths of the currency unit, flags 0 or 1,
-- words those of the API. Rows that the hot path writes at random keep few indexes: a touched page costs more
-- than the row on it.

-- The projection of a call's timeline, as the API shows it.
CREATE TABLE calls (
    id                        INTEGER PRIMARY KEY,
    version                   INTEGER NOT NULL,  -- commits so far: the compare-and-set
    status                    TEXT    NOT NULL,
    disposition               TEXT,
    ended_reason              TEXT,
    closed_by                 TEXT,
    refusal                   TEXT,
    project_id                INTEGER,
    agent_id                  INTEGER,
    org_id                    INTEGER,
    agent_public_id           TEXT    NOT NULL,
    direction                 TEXT    NOT NULL,
    from_number               TEXT    NOT NULL,
    to_number                 TEXT    NOT NULL,
    language                  TEXT    NOT NULL,
    created_at                INTEGER NOT NULL,
    started_at                INTEGER,
    ended_at                  INTEGER,
    due_at                    INTEGER,           -- the earliest of the four timers
    timer_settle              INTEGER,
    timer_max_duration        INTEGER,
    timer_deadline            INTEGER,
    timer_check               INTEGER,
    deadline_passed           INTEGER NOT NULL,
    opened_at                 INTEGER NOT NULL,  -- our clock
    last_alive_at             INTEGER NOT NULL,
    answer_issued_at          INTEGER,
    answer_accepted_at        INTEGER,
    carrier_gone              INTEGER NOT NULL,  -- the carrier said that it no longer knows the leg
    carrier_gone_end_time     INTEGER,
    held_digits               TEXT    NOT NULL,  -- JSON: keys heard before the answer
    hangup_at                 INTEGER,           -- what the carrier's call.hangup said
    hangup_cause              TEXT,
    hangup_source             TEXT,
    hangup_asked_reason       TEXT,              -- what was asked of the carrier to end the call
    hangup_asked_at           INTEGER,
    duration_seconds          INTEGER NOT NULL,
    minutes_used_hundredths   INTEGER NOT NULL,
    call_cost                 INTEGER NOT NULL,
    recording_cost            INTEGER NOT NULL,
    transfer_cost             INTEGER NOT NULL,
    llm_discount              INTEGER NOT NULL,
    total_cost                INTEGER NOT NULL,
    carrier_cost              INTEGER,
    rate                      INTEGER NOT NULL,  -- the rates in force when the call began, per minute
    call_rate                 INTEGER NOT NULL,
    recording_rate            INTEGER NOT NULL,
    transfer_rate             INTEGER NOT NULL,
    llm_discount_rate         INTEGER NOT NULL,
    policy                    TEXT    NOT NULL,  -- JSON: limits and delays in force when the call began
    recording_enabled         INTEGER NOT NULL,
    has_recording             INTEGER NOT NULL,
    ws_unavailable            INTEGER NOT NULL,
    turn_count                INTEGER NOT NULL,
    tool_call_count           INTEGER NOT NULL,
    tools_called              TEXT    NOT NULL,  -- JSON array
    transferred_to            TEXT    NOT NULL,
    transfer_duration_seconds INTEGER NOT NULL,
    timeline_length           INTEGER NOT NULL,
    webhook_sequence          INTEGER NOT NULL,
    nonce                     BLOB    NOT NULL,  -- 16 bytes; every id the call gives out is derived from it
    call_control_id           TEXT    NOT NULL,
    call_leg_id               TEXT    NOT NULL,
    call_session_id           TEXT    NOT NULL,
    metadata                  TEXT    NOT NULL,  -- JSON
    extracted_data            TEXT    NOT NULL   -- JSON
) STRICT;
CREATE INDEX calls_by_project ON calls (project_id, created_at DESC, id DESC);
CREATE INDEX calls_by_agent ON calls (agent_id, created_at DESC, id DESC);
-- Small whatever the history: for the start, and for lists of live calls.
CREATE INDEX calls_live ON calls (project_id, created_at DESC, id DESC)
    WHERE status IN ('ringing', 'in-progress');

-- A carrier leg and the call it belongs to.
CREATE TABLE call_legs (
    call_control_id TEXT    PRIMARY KEY,
    call_id         INTEGER NOT NULL REFERENCES calls (id),
    call_leg_id     TEXT    NOT NULL,
    call_session_id TEXT    NOT NULL,
    role            TEXT    NOT NULL  -- main
) STRICT, WITHOUT ROWID;

-- Every input of a call, in order, and what became of it. Rows are appended: bodies are too large for the
-- leaves of a clustered index.
CREATE TABLE timeline (
    id          INTEGER PRIMARY KEY,
    call_id     INTEGER NOT NULL,            -- of calls: always written with its row
    seq         INTEGER NOT NULL,
    at          INTEGER NOT NULL,            -- our clock
    kind        TEXT    NOT NULL,
    verdict     TEXT    NOT NULL,
    occurred_at INTEGER,                     -- of a carrier event: the carrier's clock
    event_id    TEXT,                        -- of a carrier event: its id
    repeats     INTEGER NOT NULL DEFAULT 0,  -- how often the same event came again
    effects     TEXT    NOT NULL,            -- JSON array
    data        TEXT    NOT NULL             -- JSON; of a carrier event the body as received
) STRICT;
CREATE UNIQUE INDEX timeline_by_call ON timeline (call_id, seq);
-- A repetition has the same id and the same occurred_at. By time first, new entries lie side by side; by the
-- random id alone each would touch a page of its own.
CREATE UNIQUE INDEX timeline_by_event ON timeline (occurred_at, event_id) WHERE event_id IS NOT NULL;

-- Carrier events whose call is not known yet.
CREATE TABLE parked_events (
    event_id        TEXT    PRIMARY KEY,
    call_control_id TEXT    NOT NULL,
    kind            TEXT    NOT NULL,
    occurred_at     INTEGER NOT NULL,
    parked_at       INTEGER NOT NULL,  -- our clock
    fields          TEXT    NOT NULL,  -- JSON: what was read from the body
    body            TEXT    NOT NULL
) STRICT, WITHOUT ROWID;

-- Commands owed to the carrier. A finished one leaves; the timeline keeps its story.
CREATE TABLE commands (
    command_id      TEXT    PRIMARY KEY,
    call_id         INTEGER NOT NULL REFERENCES calls (id),
    kind            TEXT    NOT NULL,
    call_control_id TEXT    NOT NULL,
    reject_cause    TEXT    NOT NULL,
    issued_at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What was to be said to the customer: frozen bodies.
CREATE TABLE webhook_events (
    id       INTEGER PRIMARY KEY,
    event_id TEXT    NOT NULL,  -- whe_…
    call_id  INTEGER NOT NULL REFERENCES calls (id),
    event    TEXT    NOT NULL,  -- call.started
    sequence INTEGER NOT NULL,
    at       INTEGER NOT NULL,
    body     TEXT    NOT NULL
) STRICT;

-- One event owed to one endpoint. A finished delivery leaves; AUTOINCREMENT never gives its number again.
CREATE TABLE deliveries (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    endpoint_id     INTEGER NOT NULL,
    call_id         INTEGER NOT NULL,
    webhook_event   INTEGER NOT NULL REFERENCES webhook_events (id),
    attempts        INTEGER NOT NULL DEFAULT 0,
    open_attempt    INTEGER,           -- begun and without a result
    next_at         INTEGER NOT NULL,
    created_at      INTEGER NOT NULL
) STRICT;
CREATE INDEX deliveries_due ON deliveries (next_at, id);

-- Every attempt to say it, on disk before its request leaves.
CREATE TABLE delivery_attempts (
    id            INTEGER PRIMARY KEY,
    delivery_id   INTEGER NOT NULL,
    call_id       INTEGER NOT NULL,
    webhook_event INTEGER NOT NULL REFERENCES webhook_events (id),
    number        INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    ended_at      INTEGER,           -- none: no result yet
    status_code   INTEGER,
    success       INTEGER NOT NULL DEFAULT 0,
    error         TEXT,
    url           TEXT    NOT NULL
) STRICT;
CREATE INDEX delivery_attempts_by_call ON delivery_attempts (call_id, at, number);

-- Who may do what. `seeded` is what the configuration file said when it was last applied to the row: a
-- changed file overwrites the row, an unchanged one leaves alone what was changed since.
CREATE TABLE orgs (
    id     INTEGER PRIMARY KEY,
    name   TEXT NOT NULL,
    tier   TEXT NOT NULL,
    seeded TEXT
) STRICT;
CREATE TABLE projects (
    id        INTEGER PRIMARY KEY,
    public_id TEXT    NOT NULL UNIQUE,
    org_id    INTEGER NOT NULL REFERENCES orgs (id),
    name      TEXT    NOT NULL,
    seeded    TEXT
) STRICT;
CREATE TABLE agents (
    id                   INTEGER PRIMARY KEY,
    public_id            TEXT    NOT NULL UNIQUE,
    project_id           INTEGER NOT NULL REFERENCES projects (id),
    name                 TEXT    NOT NULL,
    language             TEXT    NOT NULL,
    max_duration_seconds INTEGER NOT NULL,
    recording            INTEGER NOT NULL,
    rate                 INTEGER NOT NULL,
    call_rate            INTEGER NOT NULL,
    recording_rate       INTEGER NOT NULL,
    transfer_rate        INTEGER NOT NULL,
    llm_discount_rate    INTEGER NOT NULL,
    seeded               TEXT
) STRICT;
CREATE TABLE phone_numbers (
    number   TEXT    PRIMARY KEY,  -- E.164
    agent_id INTEGER NOT NULL REFERENCES agents (id),
    position INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX phone_numbers_by_agent ON phone_numbers (agent_id, position);
CREATE TABLE endpoints (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    org_id     INTEGER REFERENCES orgs (id),
    project_id INTEGER REFERENCES projects (id),
    agent_id   INTEGER REFERENCES agents (id),
    url        TEXT NOT NULL,
    secret     TEXT NOT NULL,
    events     TEXT NOT NULL,  -- JSON array
    seeded     TEXT,
    CHECK ((org_id IS NOT NULL) + (project_id IS NOT NULL) + (agent_id IS NOT NULL) = 1)
) STRICT;
CREATE TABLE api_keys (
    hash       BLOB    PRIMARY KEY,  -- SHA-256 of the key
    project_id INTEGER REFERENCES projects (id),
    org_id     INTEGER REFERENCES orgs (id),
    scope      TEXT    NOT NULL,
    revoked    INTEGER NOT NULL,
    seeded     TEXT,
    CHECK ((project_id IS NOT NULL) + (org_id IS NOT NULL) = 1)
) STRICT, WITHOUT ROWID;

-- One row, written by the readiness check.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY,
    space BLOB NOT NULL
) STRICT;
