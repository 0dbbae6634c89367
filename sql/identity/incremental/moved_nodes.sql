-- The nodes of entities that held together and ended in another.
-- reads: <entity>_nodes, moved_entities(from_hash, entity_id, entity_hash)
-- writes: moved_nodes, the columns of <entity>_nodes
-- grain: one row a node
-- version: 1
select n.source, n.node_key, n.first_run, n.rank_hash, n.owned_id, m.entity_id, n.node_hash, m.entity_hash,
  n.content_hash, false as is_anchor
from {{ nodes }} as n
join {{ moved_entities }} as m on m.from_hash = n.entity_hash
