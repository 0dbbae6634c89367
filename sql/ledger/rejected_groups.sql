-- Rejected rows that a run left, by what they were refused for.
-- reads: receipts(sync, run_id, status, reason, op, attempts, next_try_at)
-- writes: nothing
-- grain: one row a sync, reason and op, the largest first
-- version: 1
select
  sync, reason, op,
  count(*) as row_count,
  min(attempts) as least_attempts,
  max(attempts) as most_attempts,
  count(case when next_try_at is null then 1 end) as due,
  min(next_try_at) as next_try_at
from {{ receipts }}
where run_id = {{ run_id }} and status = 'rejected'
group by sync, reason, op
order by row_count desc nulls last, sync nulls last, reason nulls last, op nulls last
limit {{ limit }}
