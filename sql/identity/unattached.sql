-- Event records whose every identifier is held by more than max_records records: nobody's.
-- reads: identifiers of events(r, x, y), stars(x, y, t, records)
-- writes: unattached(r)
-- grain: one row an event record
-- version: 2
select i.r
from {{ identifiers }} as i
left join {{ stars }} as s on s.x = i.x and s.y = i.y and s.records > {{ max_records }}
group by i.r
having count(s.x) = count(*)
