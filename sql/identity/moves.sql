-- Records that changed their entity; alive: the one they left still is.
-- reads: members(former_id, entity_id), anchors(entity_id)
-- writes: moves(from_id, into_id, alive)
-- grain: one row a pair of entities
-- version: 1
select distinct m.former_id as from_id, m.entity_id as into_id, a.entity_id is not null as alive
from {{ members }} as m
left join {{ anchors }} as a on a.entity_id = m.former_id
where m.former_id <> m.entity_id
