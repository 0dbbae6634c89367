-- What the ledger need not remember any more: runs, receipts of syncs that are gone, and marks of plans that are gone.
-- A run stays while a kept plan, a rejected row or a lease names it, and when it was the last that served a sync:
-- what is due, and what `runs show` says of waiting rows, rests on it.
-- reads: runs(run_id, started_at), sync_runs(run_id, sync, status), plans(sync, run_id), leases(run_id, expires_at),
-- receipts(sync, run_id, status, recorded_at), acks(run_id), starts(run_id), jobs(run_id)
-- writes: nothing
-- grain: one row a run, a sync or the run id of marks, by kind
-- version: 1
select kind, name
from (
  select 'run' as kind, r.run_id as name
  from {{ runs }} as r
  where r.started_at < {{ before }}
    and r.run_id not in (select run_id from {{ plans }})
    and r.run_id not in (select run_id from {{ leases }} where expires_at > {{ clock }})
    and r.run_id not in (select run_id from {{ receipts }} where status = 'rejected' and {{ in_project }})
    and r.run_id not in (
      select run_id
      from (
        select s.run_id, row_number() over (
          partition by s.sync order by o.started_at desc nulls last, s.run_id desc nulls last) as place
        from {{ sync_runs }} as s
        join {{ runs }} as o on o.run_id = s.run_id
        where {{ in_project }} and s.status not in ({{ not_served }})
      ) as served
      where place = 1
    )
  union all
  select distinct 'receipts' as kind, sync as name
  from {{ receipts }}
  where recorded_at < {{ before }} and not ({{ in_project }})
  union all
  select 'marks' as kind, run_id as name
  from (
    select run_id from {{ acks }}
    union
    select run_id from {{ starts }}
    union
    select run_id from {{ jobs }}
  ) as marks
  where run_id not in (select run_id from {{ plans }})
    and run_id not in (select run_id from {{ runs }} where started_at >= {{ before }})
) as old
order by kind nulls last, name nulls last
limit {{ limit }}
