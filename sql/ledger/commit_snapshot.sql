-- Writes what became of a plan into the snapshot: what was applied is now held there, what may have been applied is
-- dirty (hash null, key kept), and nothing else moves. It sets values, so running it twice changes nothing.
-- Keys are unique in the source: `check_plan` proved it before the plan was recorded, and a plan is never changed.
-- Of an audience a row whose fate is not known keeps the identifiers that it had beside those that were sent.
-- reads: fates(op, key, parts, entity_id, hash, fate, identifiers), snapshot(key, hash, entity_id, gone, identifiers)
-- writes: snapshot(key, parts, hash, entity_id, gone, sent_at, identifiers)
-- grain: one row a key
-- version: 4
merge into {{ snapshot }} as s
using (select * from ({{ fates }}) as fates where fate <> 'kept') as f
on s.key = f.key
when matched and f.fate = 'applied' and f.op = 'remove' then delete
when matched and f.fate = 'gone' and {{ drop_gone }} then delete
when matched and f.fate = 'applied' then
  update set hash = f.hash, entity_id = f.entity_id, gone = false, sent_at = {{ at }}{{ remembered }}
when matched and f.fate = 'gone' then
  update set gone = true
when matched and f.fate = 'back' then
  update set gone = false
when matched and f.op = 'remove' then
  update set hash = null
when matched then
  update set hash = null, gone = false{{ perhaps_there }}
when not matched and f.op in ('add', 'change') then
  insert (key{{ parts }}, hash, entity_id, gone, sent_at)
  values (
    f.key{{ parts_of_plan }}, case when f.fate = 'applied' then f.hash end, f.entity_id, false,
    case when f.fate = 'applied' then {{ at }} end
  )
