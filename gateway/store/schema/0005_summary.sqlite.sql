-- What lists and summaries need over a long history. Nothing here is written while a call lives: the indexes leave
-- live calls out, and no trigger runs at an update that does not name the status.

-- Calls that are over, newest first, by what can be asked for. Live ones are found by calls_live.
CREATE INDEX calls_over_by_status ON calls (project_id, status, created_at DESC, id DESC)
    WHERE status NOT IN ('ringing', 'in-progress');
CREATE INDEX calls_over_by_disposition ON calls (project_id, disposition, created_at DESC, id DESC, status)
    WHERE status NOT IN ('ringing', 'in-progress');
CREATE INDEX calls_over_by_agent_status ON calls (agent_id, status, created_at DESC, id DESC)
    WHERE status NOT IN ('ringing', 'in-progress');
CREATE INDEX calls_over_by_agent_disposition ON calls (agent_id, disposition, created_at DESC, id DESC, status)
    WHERE status NOT IN ('ringing', 'in-progress');

-- Sums over the calls that are over, by the UTC day of created_at: exact at every commit, because the triggers
-- below are part of it. A row that fell to 0 calls stays.
CREATE TABLE call_days (
    project_id              INTEGER NOT NULL,
    day                     INTEGER NOT NULL,  -- since 1970-01-01
    agent_id                INTEGER NOT NULL,  -- -1: the call has none
    status                  TEXT    NOT NULL,
    disposition             TEXT    NOT NULL,  -- '': the call has none
    calls                   INTEGER NOT NULL,
    duration_seconds        INTEGER NOT NULL,
    minutes_used_hundredths INTEGER NOT NULL,
    total_cost              INTEGER NOT NULL,
    recording_cost          INTEGER NOT NULL,
    llm_discount            INTEGER NOT NULL,
    PRIMARY KEY (project_id, day, agent_id, status, disposition)
) STRICT, WITHOUT ROWID;

INSERT INTO call_days
SELECT project_id, created_at / 86400000000, coalesce(agent_id, -1), status, coalesce(disposition, ''), count(*),
       sum(duration_seconds), sum(minutes_used_hundredths), sum(total_cost), sum(recording_cost), sum(llm_discount)
FROM calls
WHERE status NOT IN ('ringing', 'in-progress') AND project_id IS NOT NULL
GROUP BY 1, 2, 3, 4, 5;

CREATE TRIGGER call_days_born_over AFTER INSERT ON calls
WHEN NEW.status NOT IN ('ringing', 'in-progress') AND NEW.project_id IS NOT NULL
BEGIN
    INSERT INTO call_days VALUES (NEW.project_id, NEW.created_at / 86400000000, coalesce(NEW.agent_id, -1),
        NEW.status, coalesce(NEW.disposition, ''), 1, NEW.duration_seconds, NEW.minutes_used_hundredths,
        NEW.total_cost, NEW.recording_cost, NEW.llm_discount)
    ON CONFLICT DO UPDATE SET calls = calls + 1,
        duration_seconds = duration_seconds + excluded.duration_seconds,
        minutes_used_hundredths = minutes_used_hundredths + excluded.minutes_used_hundredths,
        total_cost = total_cost + excluded.total_cost,
        recording_cost = recording_cost + excluded.recording_cost,
        llm_discount = llm_discount + excluded.llm_discount;
END;

-- A call that was over leaves the sums as it was and enters them as it is: late figures change them, too, if the
-- update names the status. (A trigger at every update would cost each 2.4 of its 5.2 microseconds.)
CREATE TRIGGER call_days_changed AFTER UPDATE OF status, project_id, agent_id, created_at ON calls
WHEN OLD.status NOT IN ('ringing', 'in-progress') OR NEW.status NOT IN ('ringing', 'in-progress')
BEGIN
    UPDATE call_days SET calls = calls - 1,
        duration_seconds = duration_seconds - OLD.duration_seconds,
        minutes_used_hundredths = minutes_used_hundredths - OLD.minutes_used_hundredths,
        total_cost = total_cost - OLD.total_cost,
        recording_cost = recording_cost - OLD.recording_cost,
        llm_discount = llm_discount - OLD.llm_discount
    WHERE OLD.status NOT IN ('ringing', 'in-progress')
      AND project_id = OLD.project_id AND day = OLD.created_at / 86400000000
      AND agent_id = coalesce(OLD.agent_id, -1) AND status = OLD.status
      AND disposition = coalesce(OLD.disposition, '');
    INSERT INTO call_days
    SELECT NEW.project_id, NEW.created_at / 86400000000, coalesce(NEW.agent_id, -1), NEW.status,
           coalesce(NEW.disposition, ''), 1, NEW.duration_seconds, NEW.minutes_used_hundredths, NEW.total_cost,
           NEW.recording_cost, NEW.llm_discount
    WHERE NEW.status NOT IN ('ringing', 'in-progress') AND NEW.project_id IS NOT NULL
    ON CONFLICT DO UPDATE SET calls = calls + 1,
        duration_seconds = duration_seconds + excluded.duration_seconds,
        minutes_used_hundredths = minutes_used_hundredths + excluded.minutes_used_hundredths,
        total_cost = total_cost + excluded.total_cost,
        recording_cost = recording_cost + excluded.recording_cost,
        llm_discount = llm_discount + excluded.llm_discount;
END;
