-- The nodes of the small graph: those of the touched entities that still are as they were, and those that came. Events
-- whose every value links nothing are nobody's.
-- reads: touched, unlinked(r), came(r, source, node_key, content_hash), graph_links(r)
-- writes: graph_nodes(r, source, node_key, content_hash)
-- grain: one row a node
-- version: 1
select r, source, node_key, content_hash
from (
  select node_hash as r, source, node_key, content_hash
  from {{ touched }}
  where node_hash not in (select r from {{ unlinked }})
  union all
  select r, source, node_key, content_hash
  from {{ came }}
) as n{{ attached }}
