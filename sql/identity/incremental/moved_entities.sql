-- Entities that held together and ended in another: all their nodes go there.
-- reads: touched(node_hash, entity_id, entity_hash, whole), nodes_in(node_hash, entity_id, entity_hash)
-- writes: moved_entities(from_id, from_hash, entity_id, entity_hash)
-- grain: one row an entity
-- version: 1
select t.entity_id as from_id, t.entity_hash as from_hash, n.entity_id, n.entity_hash
from {{ touched }} as t
join {{ nodes_in }} as n on n.node_hash = t.node_hash
where not t.whole and n.entity_id <> t.entity_id
