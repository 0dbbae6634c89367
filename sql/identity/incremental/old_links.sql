-- The values that were held by what is new, changed or gone.
-- reads: <entity>_node_ids(r, t, x, y), nodes and rows(r)
-- writes: old_links(r, t, x, y)
-- grain: one row a node and value
-- version: 1
select r, t, x, y
from {{ links }}
where r in (select r from {{ stirred }})
