-- The nodes of the small graph: those that stand for an entity, those of entities that may fall apart, and those that
-- came. Events whose every value links nothing are nobody's.
-- reads: touched, unlinked(r), came(r, source, node_key, content_hash), graph_links(r)
-- writes: graph_nodes(r, source, node_key, content_hash)
-- grain: one row a node
-- version: 1
select node_hash as r, source, node_key, content_hash
from {{ touched }}
where not whole
union all
select r, source, node_key, content_hash
from (
  select node_hash as r, source, node_key, content_hash
  from {{ touched }}
  where whole and node_hash not in (select r from {{ unlinked }})
  union all
  select r, source, node_key, content_hash
  from {{ came }}
) as n{{ attached }}
