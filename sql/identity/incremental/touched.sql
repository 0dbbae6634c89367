-- All nodes of the entities that these nodes are part of. Should another entity have the same hash, it is there too.
-- reads: <entity>_nodes, near(entity_hash)
-- writes: touched, the same columns
-- grain: one row a node
-- version: 1
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash
from {{ nodes }}
where entity_hash in (select entity_hash from {{ near }})
