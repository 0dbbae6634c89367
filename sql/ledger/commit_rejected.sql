-- Keeps rejected rows with their reason. `attempts` counts the runs in which this very payload was rejected; another
-- payload begins anew. The next three runs after the first try again at once, later ones from `next_try_at` on.
-- reads: fates(op, key, entity_id, hash, reason, requests, answer), receipts(sync, run_id, status, key, hash, attempts)
-- writes: receipts(sync, run_id, plan_id, status, reason, op, key, entity_id, hash, attempts, requests, next_try_at, recorded_at)
-- grain: one row a rejected key of the sync
-- version: 2
merge into {{ receipts }} as r
using (
  select
    f.op, f.key, f.entity_id, {{ payload }} as hash, f.reason, f.requests,
    case
      when before.key is null or before.hash is distinct from {{ payload }} then 1
      when before.run_id = {{ run_id }} then before.attempts
      else before.attempts + 1
    end as attempts
  from ({{ fates }}) as f
  left join {{ receipts }} as before
    on before.sync = {{ sync }} and before.status = 'rejected' and before.key = f.key
  where f.answer = 'rejected'
) as f
on r.sync = {{ sync }} and r.status = 'rejected' and r.key = f.key
when matched then
  update set
    run_id = {{ run_id }}, plan_id = {{ plan_id }}, reason = f.reason, op = f.op, entity_id = f.entity_id,
    hash = f.hash, attempts = f.attempts, requests = f.requests,
    next_try_at = case when f.attempts > {{ tries_at_once }} then {{ next_try_at }} end, recorded_at = {{ at }}
when not matched then
  insert (
    sync, run_id, plan_id, status, reason, op, key, entity_id, hash, attempts, requests, next_try_at,
    recorded_at
  )
  values (
    {{ sync }}, {{ run_id }}, {{ plan_id }}, 'rejected', f.reason, f.op, f.key, f.entity_id, f.hash, f.attempts,
    f.requests, case when f.attempts > {{ tries_at_once }} then {{ next_try_at }} end, {{ at }}
  )
