-- Writes what became of a plan into the snapshot: what was applied is now held there, what may have been applied is
-- dirty (hash null, key kept), and nothing else moves. It sets values, so running it twice changes nothing.
-- In several statements, because `merge` takes no query and no condition here. The one that inserts is the last, so that
-- no other meets its rows.
-- Of an audience a row whose fate is not known keeps the identifiers that it had beside those that were sent.
-- reads: fates(op, key, parts, entity_id, hash, fate, identifiers), snapshot(key, hash, entity_id, gone, identifiers)
-- writes: snapshot(key, parts, hash, entity_id, gone, sent_at, identifiers)
-- grain: one row a key
-- version: 4
-- statements: several
drop table if exists sl_fates;
create temp table sl_fates as
select * from ({{ fates }}) as fates where fate <> 'kept';
delete from {{ snapshot }}
where key in (
  select key from sl_fates where (fate = 'applied' and op = 'remove') or (fate = 'gone' and {{ drop_gone }})
);
update {{ snapshot }}
set hash = f.hash, entity_id = f.entity_id, gone = false, sent_at = {{ at }}{{ remembered }}
from sl_fates as f
where {{ snapshot }}.key = f.key and f.fate = 'applied';
update {{ snapshot }}
set gone = (f.fate = 'gone')
from sl_fates as f
where {{ snapshot }}.key = f.key and f.fate in ('gone', 'back');
update {{ snapshot }} as s
set hash = null, gone = (f.op = 'remove' and s.gone){{ perhaps_there }}
from sl_fates as f
where s.key = f.key and f.fate = 'dirty';
insert into {{ snapshot }} (key{{ parts }}, hash, entity_id, gone, sent_at)
select
  f.key{{ parts_of_plan }}, case when f.fate = 'applied' then f.hash end, f.entity_id, false,
  case when f.fate = 'applied' then {{ at }} end
from sl_fates as f
where f.op in ('add', 'change') and f.key not in (select key from {{ snapshot }});
drop table sl_fates
