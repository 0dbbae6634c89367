-- Records that changed their entity; alive: the one they left still is.
-- reads: known(former_id, anchor), anchors(r, entity_id)
-- writes: moves(from_id, into_id, alive)
-- grain: one row a pair of entities
-- version: 2
select m.from_id, m.into_id, l.entity_id is not null as alive
from (
  select distinct k.former_id as from_id, a.entity_id as into_id
  from {{ known }} as k
  join {{ anchors }} as a on a.r = k.anchor
  where k.former_id <> a.entity_id
) as m
left join {{ anchors }} as l on l.entity_id = m.from_id
