-- The component of each record: its least record, or wherever the rounds brought it.
-- reads: nodes(r, source, node_key), labels(v, r), unattached(r)
-- writes: components(r, c, source, node_key)
-- grain: one row a record
-- version: 1
select n.r, coalesce(l.r, n.r) as c, n.source, n.node_key
from {{ nodes }} as n
left join {{ labels }} as l on l.v = n.r
left join {{ unattached }} as a on a.r = n.r
where a.r is null
