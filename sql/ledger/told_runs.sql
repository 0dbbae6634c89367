-- Runs as people see them: one that never said how it ended, and is not alive by any lease, was killed.
-- reads: runs(run_id, command, status, as_of, started_at, finished_at, exit_code, error), leases(run_id, expires_at)
-- writes: nothing
-- grain: one row a run, the newest first
-- version: 1
select run_id, command, status, as_of, started_at, finished_at, exit_code, error
from (
  select
    r.run_id, r.command, r.as_of, r.started_at, r.finished_at, r.exit_code, r.error,
    case when r.status = 'running' and not ({{ may_live }}) then 'killed' else r.status end as status
  from {{ runs }} as r
  left join (
    select distinct run_id from {{ leases }} where expires_at > {{ clock }}
  ) as l on l.run_id = r.run_id
) as told
where {{ wanted }}
order by started_at desc nulls last, run_id desc nulls last
limit {{ limit }}
