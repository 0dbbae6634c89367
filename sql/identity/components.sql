-- The component of each record: its least record, or wherever the rounds brought it.
-- reads: nodes(r), labels(v, r), unattached(r)
-- writes: components(r, c)
-- grain: one row a record
-- version: 1
select n.r, coalesce(l.r, n.r) as c
from {{ nodes }} as n
left join {{ labels }} as l on l.v = n.r
left join {{ unattached }} as a on a.r = n.r
where a.r is null
