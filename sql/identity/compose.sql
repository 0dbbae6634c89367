-- Where a record went in this round, and from there in all later ones.
-- reads: hooks(v, r), labels(v, r)
-- writes: labels(v, r)
-- grain: one row a record that moved in this round or later
-- version: 1
select h.v, coalesce(l.r, h.r) as r
from {{ hooks }} as h
left join {{ later }} as l on l.v = h.r
union all
select v, r
from {{ later }}
