-- What every event changes gets a short row of its own. SQLite writes a changed row anew, and every page that has a
-- changed row goes to the log: some forty short rows share a page, of a call's other columns five do.

CREATE TABLE call_course (
    id                 INTEGER PRIMARY KEY,  -- of calls: always written with its row
    version            INTEGER NOT NULL,     -- commits so far: the compare-and-set
    due_at             INTEGER,              -- the earliest of the call's timers
    timer_settle       INTEGER,
    timer_max_duration INTEGER,
    timer_deadline     INTEGER,
    timer_check        INTEGER,
    deadline_passed    INTEGER NOT NULL,
    last_alive_at      INTEGER NOT NULL,     -- our clock
    answer_issued_at   INTEGER,
    answer_accepted_at INTEGER,
    held_digits        TEXT    NOT NULL,     -- JSON: keys heard before the answer
    timeline_length    INTEGER NOT NULL,
    webhook_sequence   INTEGER NOT NULL,
    in_call            TEXT                  -- JSON: transfer and gather with their timers, what the carrier heard
) STRICT;
INSERT INTO call_course
SELECT id, version, due_at, timer_settle, timer_max_duration, timer_deadline, timer_check, deadline_passed,
       last_alive_at, answer_issued_at, answer_accepted_at, held_digits, timeline_length, webhook_sequence,
       in_call
FROM calls;

-- The rest, in a new table: to drop the columns one by one would write the history anew for each.
CREATE TABLE calls_anew (
    id                        INTEGER PRIMARY KEY,
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
    opened_at                 INTEGER NOT NULL,  -- our clock
    carrier_gone              INTEGER NOT NULL,  -- the carrier said that it no longer knows the leg
    carrier_gone_end_time     INTEGER,
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
    nonce                     BLOB    NOT NULL,  -- 16 bytes; every id the call gives out is derived from it
    call_control_id           TEXT    NOT NULL,
    call_leg_id               TEXT    NOT NULL,
    call_session_id           TEXT    NOT NULL,
    metadata                  TEXT    NOT NULL,  -- JSON
    extracted_data            TEXT    NOT NULL   -- JSON
) STRICT;
INSERT INTO calls_anew
SELECT id, status, disposition, ended_reason, closed_by, refusal, project_id, agent_id, org_id, agent_public_id,
       direction, from_number, to_number, language, created_at, started_at, ended_at, opened_at, carrier_gone,
       carrier_gone_end_time, hangup_at, hangup_cause, hangup_source, hangup_asked_reason, hangup_asked_at,
       duration_seconds, minutes_used_hundredths, call_cost, recording_cost, transfer_cost, llm_discount,
       total_cost, carrier_cost, rate, call_rate, recording_rate, transfer_rate, llm_discount_rate, policy,
       recording_enabled, has_recording, ws_unavailable, turn_count, tool_call_count, tools_called,
       transferred_to, transfer_duration_seconds, nonce, call_control_id, call_leg_id, call_session_id,
       metadata, extracted_data
FROM calls;

-- With it go its triggers: what a call adds to call_days is written by the gateway, in the same transaction. A table
-- with triggers keeps a journal of each statement that could fire them, 6 of an update's 8 microseconds.
DROP TABLE calls;
ALTER TABLE calls_anew RENAME TO calls;
CREATE INDEX calls_by_project ON calls (project_id, created_at DESC, id DESC);
CREATE INDEX calls_by_agent ON calls (agent_id, created_at DESC, id DESC);
CREATE INDEX calls_live ON calls (project_id, created_at DESC, id DESC)
    WHERE status IN ('ringing', 'in-progress');
CREATE INDEX calls_over_by_status ON calls (project_id, status, created_at DESC, id DESC)
    WHERE status NOT IN ('ringing', 'in-progress');
CREATE INDEX calls_over_by_disposition ON calls (project_id, disposition, created_at DESC, id DESC, status)
    WHERE status NOT IN ('ringing', 'in-progress');
CREATE INDEX calls_over_by_agent_status ON calls (agent_id, status, created_at DESC, id DESC)
    WHERE status NOT IN ('ringing', 'in-progress');
CREATE INDEX calls_over_by_agent_disposition ON calls (agent_id, disposition, created_at DESC, id DESC, status)
    WHERE status NOT IN ('ringing', 'in-progress');
