-- The values that new and changed nodes hold, and those of new rows that a rule ignores.
-- reads: records and groups that were read(r, t, x, y), came(r)
-- writes: came_links(r, t, x, y)
-- grain: one row a node and value
-- version: 1
select r, t, x, y
from {{ links }} as held
where t < 0 or r in (select r from {{ came }})
