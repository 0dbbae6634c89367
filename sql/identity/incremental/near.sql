-- The nodes of the state that are changed or gone, get or lose a row, or hold a value that has moved.
-- reads: <entity>_nodes(node_hash, entity_hash), stirred(r), holders(r)
-- writes: near(node_hash, entity_hash)
-- grain: one row a node
-- version: 1
select node_hash, entity_hash
from {{ nodes }}
where node_hash in (
  select r from {{ stirred }}
  union all
  select r from {{ holders }}
)
