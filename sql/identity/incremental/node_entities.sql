-- What each node is part of now, among those that are new, changed, or got a row.
-- reads: nodes_delta(node_hash, entity_id), near(node_hash, entity_hash), touched(node_hash, entity_hash, whole),
--   nodes_in(node_hash, entity_id)
-- writes: node_entities(node_hash, entity_id)
-- grain: one row a node
-- version: 1
select node_hash, entity_id
from {{ nodes_delta }}
union
select n.node_hash, i.entity_id
from {{ near }} as n
join {{ touched }} as a on a.entity_hash = n.entity_hash
join {{ nodes_in }} as i on i.node_hash = a.node_hash
where not a.whole
