-- The nodes that are new, changed, or may have changed their entity, as they are now.
-- reads: nodes_in, touched(node_hash, whole), moved_nodes
-- writes: nodes_delta, the same columns
-- grain: one row a node
-- version: 1
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor
from {{ nodes_in }}
where node_hash not in (select node_hash from {{ touched }} where not whole)
union all
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor
from {{ moved_nodes }}
