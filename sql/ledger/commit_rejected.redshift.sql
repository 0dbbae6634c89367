-- Keeps rejected rows with their reason. `attempts` counts the runs in which this very payload was rejected; another
-- payload begins anew. The next three runs after the first try again at once, later ones from `next_try_at` on.
-- In several statements, because `merge` takes no query and no condition here.
-- reads: fates(op, key, entity_id, hash, reason, requests, answer), receipts(sync, run_id, status, key, hash, attempts)
-- writes: receipts(sync, run_id, plan_id, status, reason, op, key, entity_id, hash, attempts, requests, next_try_at, recorded_at)
-- grain: one row a rejected key of the sync
-- version: 2
-- statements: several
drop table if exists sl_rejected;
create temp table sl_rejected as
select
  f.op, f.key, f.entity_id, {{ payload }} as hash, f.reason, f.requests,
  case
    when before.key is null then 1
    when before.hash = {{ payload }} or (before.hash is null and {{ payload }} is null) then
      case when before.run_id = {{ run_id }} then before.attempts else before.attempts + 1 end
    else 1
  end as attempts
from ({{ fates }}) as f
left join {{ receipts }} as before
  on before.sync = {{ sync }} and before.status = 'rejected' and before.key = f.key
where f.answer = 'rejected';
delete from {{ receipts }}
where sync = {{ sync }} and status = 'rejected' and key in (select key from sl_rejected);
insert into {{ receipts }} (
  sync, run_id, plan_id, status, reason, op, key, entity_id, hash, attempts, requests, next_try_at, recorded_at
)
select
  {{ sync }}, {{ run_id }}, {{ plan_id }}, 'rejected', f.reason, f.op, f.key, f.entity_id, f.hash, f.attempts,
  f.requests, case when f.attempts > {{ tries_at_once }} then {{ next_try_at }} end, {{ at }}
from sl_rejected as f;
drop table sl_rejected
