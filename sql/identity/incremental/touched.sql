-- The nodes to be solved again. Of an entity that may fall apart all of them (`whole`). Any other holds together
-- whatever comes, so its anchor stands for it; of its texts only the id is read.
-- reads: <entity>_nodes, near(entity_hash), broken(entity_hash)
-- writes: touched(source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash,
--   is_anchor, whole)
-- grain: one row a node
-- version: 1
select source, node_key, first_run, rank_hash, owned_id, entity_id, node_hash, entity_hash, content_hash, is_anchor,
  true as whole
from {{ nodes }}
where entity_hash in (select entity_hash from {{ broken }})
union all
select {{ no_text }} as source, {{ no_text }} as node_key, first_run, rank_hash, entity_id as owned_id, entity_id,
  node_hash, entity_hash, {{ no_hash }} as content_hash, is_anchor, false as whole
from {{ nodes }}
where is_anchor and entity_hash in (
  select entity_hash from {{ near }} where entity_hash not in (select entity_hash from {{ broken }})
)
