-- Keeps the rows of a plan that were not sent, with the reason: rows of the model that are held, and leavers that a
-- removal should have reached.
-- reads: plan(op, reason, key, entity_id)
-- writes: receipts(sync, run_id, plan_id, status, reason, op, key, entity_id, recorded_at)
-- grain: one row a row of the plan
-- version: 1
insert into {{ receipts }} (sync, run_id, plan_id, status, reason, op, key, entity_id, recorded_at)
select {{ sync }}, {{ run_id }}, {{ plan_id }}, op, reason, op, key, entity_id, {{ at }}
from {{ plan }}
where op in ('held', 'left') and reason is not null
