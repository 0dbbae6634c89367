-- The values that link the nodes of the small graph.
-- reads: <entity>_node_ids(r, t, x, y), touched(node_hash), unlinked(r), came_links(r, t, x, y), over(t, x, y)
-- writes: graph_links(r, t, x, y)
-- grain: one row a node and value
-- version: 1
select l.r, l.t, l.x, l.y
from (
  select r, t, x, y
  from {{ links }}
  where t > 0 and r in (select node_hash from {{ touched }}) and r not in (select r from {{ unlinked }})
  union all
  select r, t, x, y
  from {{ came_links }}
  where t > 0
) as l
where not exists (select 1 from {{ over }} as o where o.t = l.t and o.x = l.x and o.y = l.y)
