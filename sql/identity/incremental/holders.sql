-- Who holds the values that have moved.
-- reads: <entity>_node_ids(r, t, x, y), moved_values(t, x, y, counted), came_links(r, t, x, y), unlinked(r)
-- writes: holders(r, t, x, y)
-- grain: one row a node and value
-- version: 1
select l.r, l.t, l.x, l.y
from {{ links }} as l
join {{ moved_values }} as v on v.x = l.x and v.y = l.y and v.t = l.t
where v.counted and l.r not in (select r from {{ unlinked }})
union all
select c.r, c.t, c.x, c.y
from {{ came_links }} as c
join {{ moved_values }} as v on v.x = c.x and v.y = c.y and v.t = c.t
where v.counted
