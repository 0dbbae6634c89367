-- Where a record went in this round, and from there in all later ones. A record that others hooked to while it hooked
-- itself is met again in later rounds: its own way starts here.
-- reads: hooks(v, r), labels(v, r)
-- writes: labels(v, r)
-- grain: one row a record that moved in this round or later
-- version: 1
select h.v, coalesce(l.r, h.r) as r
from {{ hooks }} as h
left join {{ later }} as l on l.v = h.r
union all
select l.v, l.r
from {{ later }} as l
left join {{ hooks }} as h on h.v = l.v
where h.v is null
