-- The values that link the nodes of the small graph. Who stands for an entity holds what its nodes hold, as far as that
-- has moved.
-- reads: <entity>_node_ids(r, t, x, y), touched(node_hash, entity_hash, whole), unlinked(r), came_links(r, t, x, y),
--   holders(r, t, x, y), near(node_hash, entity_hash), over(t, x, y)
-- writes: graph_links(r, t, x, y)
-- grain: one row a node and value
-- version: 1
select l.r, l.t, l.x, l.y
from (
  select r, t, x, y
  from {{ links }}
  where t > 0 and r in (select node_hash from {{ touched }} where whole) and r not in (select r from {{ unlinked }})
  union all
  select r, t, x, y
  from {{ came_links }}
  where t > 0
  union all
  select distinct a.node_hash as r, h.t, h.x, h.y
  from {{ holders }} as h
  join {{ near }} as n on n.node_hash = h.r
  join {{ touched }} as a on a.entity_hash = n.entity_hash
  where not a.whole
) as l
where not exists (select 1 from {{ over }} as o where o.t = l.t and o.x = l.x and o.y = l.y)
