-- Whether the new order tells all records apart, those that are settled already too.
-- reads: hooks(v, r), records of all sources(r)
-- writes: check(collisions)
-- grain: one row
-- version: 2
select count(*) - count(distinct h.r) + count(n.r) as collisions
from {{ hooks }} as h
left join {{ records }} as n on n.r = h.r
