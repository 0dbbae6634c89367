-- Drops the receipts of a sync's earlier plans that its last one made void: all of held rows, which are written anew, and
-- those of rejected rows that were applied, that left the model, or that are again as the destination has them.
-- reads: receipts(sync, status, key), plan(op, key), fates(key, answer)
-- writes: receipts
-- grain: one row a receipt
-- version: 1
delete from {{ receipts }}
where sync = {{ sync }} and (
  status <> 'rejected'
  or key not in (
    select key from {{ plan }} where op = 'held' and key is not null
    union all
    select key from ({{ fates }}) as fates where answer in ('rejected', 'unanswered')
  )
)
