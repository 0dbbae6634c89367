-- What the last build knew of the nodes of the small graph.
-- reads: touched, graph_nodes(r)
-- writes: former(r, first_run, rank_hash, owned_id, entity_id)
-- grain: one row a node that the last build knew
-- version: 1
select node_hash as r, first_run, rank_hash, owned_id, entity_id
from {{ touched }}
where node_hash in (select r from {{ graph_nodes }})
