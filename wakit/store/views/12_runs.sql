-- Each run of a notebook and how it ended.
CREATE OR REPLACE VIEW runs AS
SELECT
    account.id AS account,
    run.id,                             -- id of the run, as `wakit runs` shows it
    any_value(run.job) AS job,          -- what is run, one at a time: the notebook, unless it was named otherwise
    any_value(run.key) AS key,          -- which of its runs, such as the day or the slot of a schedule
    any_value(run.notebook) AS notebook,  -- the notebook, below the workspace
    any_value(run.parameters)::JSON AS parameters,  -- values that it was given
    any_value(run.dry_run) AS dry_run,  -- whether the host refused it everything but reading
    arg_max(run.state, (run.seq, run.item)) AS state,  -- how it is, or how it ended
    min(run.started_at) AS started_at,  -- when it began
    max(run.ended_at) AS ended_at,      -- when it ended; empty while it goes on
    max_by(run.error, (run.seq, run.item)) AS error,  -- why it did not end well
    max(run.output) AS output,          -- its output notebook, below the workspace
    arg_max(run.result, (run.seq, run.item))::JSON AS result,  -- what the notebook said of itself
    any_value(run.resumes) AS resumes   -- the run of the same job and key that it goes on with
FROM core.run AS run
JOIN core.account AS account ON account.no = run.account
GROUP BY account.id, run.id;
