-- Whether the new order tells all records apart, those that are settled already too.
-- reads: hooks(v, r), nodes(r)
-- writes: check(collisions)
-- grain: one row
-- version: 1
select count(*) - count(distinct h.r) + count(n.r) as collisions
from {{ hooks }} as h
left join {{ nodes }} as n on n.r = h.r
