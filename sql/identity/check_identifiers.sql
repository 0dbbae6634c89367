-- Whether two different identifier values share a hash.
-- reads: stars(y_low, y_high)
-- writes: check(collisions)
-- grain: one row
-- version: 1
select count(*) as collisions
from {{ stars }}
where y_low <> y_high
